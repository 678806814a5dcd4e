# Writes R's figures for generalised linear models and Cox regression, on the National Wilms Tumor Study. Needs the package survival.
# Run from the repository's root: Rscript vectors/models/compute.R
library(survival)
nwtco <- read.csv("samples/wilms/nwtco.csv")
figures <- data.frame(figure = character(), value = character())
keep <- function(name, values) for (i in seq_along(values)) figures[nrow(figures) + 1, ] <<- c(paste0(name, ".", i), sprintf("%.15g", values[i]))

# Coefficients, standard errors, p values, then null deviance, deviance, AIC, log-likelihood.
fit <- function(name, formula, family) {
  z <- glm(formula, family, nwtco, control = list(epsilon = 1e-14, maxit = 100))
  s <- coef(summary(z))
  keep(name, c(s[, 1], s[, 2], s[, 4], z$null.deviance, z$deviance, AIC(z), logLik(z)))
}
fit("logistic", rel ~ factor(histol) + factor(stage) + age, binomial)
fit("product", rel ~ factor(histol) * age, binomial)
fit("classes", rel ~ cut(age, c(-Inf, 24, 48, Inf)) + stage, binomial)
fit("rates", rel ~ factor(histol) + factor(stage) + offset(log(edrel / 365.25)), poisson)
fit("linear", age ~ factor(histol) + factor(stage), gaussian)

# Five sites, row after row. Coefficients, standard errors, p values, then log-likelihoods without and with covariates, likelihood-ratio and Wald statistics.
nwtco$site <- (nwtco$row - 1) %% 5 + 1
cox <- function(name, formula, ties) {
  z <- coxph(formula, nwtco, ties = ties, control = coxph.control(eps = 1e-12, iter.max = 50))
  s <- coef(summary(z))
  keep(name, c(s[, 1], s[, 3], s[, 5], z$loglik, summary(z)$logtest[1], z$wald.test))
}
for (ties in c("efron", "breslow")) {
  cox(paste0("trend.", ties), Surv(edrel, rel) ~ histol + stage + age + strata(site), ties)
  cox(paste0("factors.", ties), Surv(edrel, rel) ~ factor(histol) * age + strata(site, stage), ties)
}

write.csv(figures, "vectors/models/nwtco.csv", row.names = FALSE, quote = FALSE)
