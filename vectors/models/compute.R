# Writes R's figures for generalised linear models and Cox regression, and for summaries of sites' own, on the National Wilms Tumor Study, the UCI Heart Disease data and
# quine.csv. Needs the packages survival and MASS.
# Run from the repository's root: Rscript vectors/models/compute.R
library(survival)
library(MASS)
nwtco <- read.csv("samples/wilms/nwtco.csv")
figures <- data.frame(figure = character(), value = character())
keep <- function(name, values) for (i in seq_along(values)) figures[nrow(figures) + 1, ] <<- c(paste0(name, ".", i), sprintf("%.15g", values[i]))

# Coefficients, standard errors, p values, then null deviance, deviance, AIC, log-likelihood.
fit <- function(name, formula, family, data = nwtco) {
  z <- glm(formula, family, data, control = list(epsilon = 1e-14, maxit = 100))
  s <- coef(summary(z))
  keep(name, c(s[, 1], s[, 2], s[, 4], z$null.deviance, z$deviance, AIC(z), logLik(z), sum(residuals(z, "pearson")^2) / z$df.residual))
}
fit("logistic", rel ~ factor(histol) + factor(stage) + age, binomial)
fit("product", rel ~ factor(histol) * age, binomial)
fit("classes", rel ~ cut(age, c(-Inf, 24, 48, Inf)) + stage, binomial)
fit("rates", rel ~ factor(histol) + factor(stage) + offset(log(edrel / 365.25)), poisson)
fit("linear", age ~ factor(histol) + factor(stage), gaussian)

heart <- read.csv("vectors/describe/heart.csv", na.strings = "")
fit("heart", I(num > 0) ~ age + sex + factor(cp) + thalach + exang, binomial, heart)
fit("heart.sites", I(num > 0) ~ age + sex + factor(cp) + thalach + exang + relevel(factor(site), "cleveland"), binomial, heart)

# Negative binomial: coefficients, standard errors, theta and its standard error, deviances (without an offset), AIC, twice the log-likelihood. glm.nb stops when theta moves by less than 10^-4, so it is taken on from there.
nb <- function(name, formula, data) {
  z <- glm.nb(formula, data)
  t <- z$theta
  for (i in 1:200) {
    g <- glm(formula, negative.binomial(t), data, control = list(epsilon = 1e-15, maxit = 100))
    t <- theta.ml(g$y, fitted(g), limit = 100, eps = 1e-12)
  }
  s <- coef(summary(g, dispersion = 1))
  twice <- 2 * sum(dnbinom(g$y, size = t, mu = fitted(g), log = TRUE))
  keep(name, c(s[, 1], s[, 2], t, attr(t, "SE"), if (is.null(g$offset)) g$null.deviance else NA, g$deviance, 2 * (length(coef(g)) + 1) - twice, twice))
  stopifnot(abs(z$theta / t - 1) < 1e-4, abs(z$twologlik / twice - 1) < 1e-6)
}
nb("quine", Days ~ Eth + Sex + Age + Lrn, read.csv("vectors/models/quine.csv"))
nb("relapses", rel ~ factor(histol) + factor(stage) + offset(log(edrel / 365.25)), nwtco)

# Five sites, row after row. Coefficients, standard errors, p values, then log-likelihoods without and with covariates, likelihood-ratio, Wald and score statistics.
nwtco$site <- (nwtco$row - 1) %% 5 + 1
cox <- function(name, formula, ties) {
  z <- coxph(formula, nwtco, ties = ties, control = coxph.control(eps = 1e-12, iter.max = 50))
  s <- coef(summary(z))
  keep(name, c(s[, 1], s[, 3], s[, 5], z$loglik, summary(z)$logtest[1], z$wald.test, z$score))
}
for (ties in c("efron", "breslow")) {
  cox(paste0("trend.", ties), Surv(edrel, rel) ~ histol + stage + age + strata(site), ties)
  cox(paste0("factors.", ties), Surv(edrel, rel) ~ factor(histol) * age + strata(site, stage), ties)
}

# Each site's own fit, pooled. All coefficients together: estimates and standard errors. Then for each but the intercept: fixed effect and error, random effects and error, Q, its p, tau squared, I squared, after DerSimonian and Laird.
pool <- function(name, fits) {
  P <- lapply(fits, function(z) solve(vcov(z)))
  V <- solve(Reduce(`+`, P))
  keep(paste0(name, ".together"), c(V %*% Reduce(`+`, Map(function(p, z) p %*% coef(z), P, fits)), sqrt(diag(V))))
  for (x in setdiff(names(coef(fits[[1]])), "(Intercept)")) {
    b <- sapply(fits, function(z) coef(z)[x]); w <- 1 / sapply(fits, function(z) vcov(z)[x, x])
    m <- sum(w * b) / sum(w); q <- sum(w * (b - m)^2); k <- length(b)
    t <- max(0, (q - (k - 1)) / (sum(w) - sum(w^2) / sum(w))); r <- 1 / (1 / w + t)
    keep(paste(name, which(names(coef(fits[[1]])) == x), sep = "."), c(m, sqrt(1 / sum(w)), sum(r * b) / sum(r), sqrt(1 / sum(r)), q, pchisq(q, k - 1, lower.tail = FALSE), t, max(0, 100 * (q - (k - 1)) / q)))
  }
}
at <- function(data, f) lapply(split(data, data$site), f)
pool("meta.cox", at(nwtco, function(x) coxph(Surv(edrel, rel) ~ histol + stage + age, x, ties = "efron", control = coxph.control(eps = 1e-12))))
# In Switzerland every woman has the disease: a logistic regression on sex has no estimates there.
pool("meta.logistic", at(heart[heart$site != "switzerland", ], function(x) glm(I(num > 0) ~ age + sex + exang, binomial, x, control = list(epsilon = 1e-14))))
pool("meta.linear", at(heart, function(x) glm(thalach ~ age + sex, gaussian, x)))

write.csv(figures, "vectors/models/nwtco.csv", row.names = FALSE, quote = FALSE)
