# Writes R's figures for generalised linear models, on the National Wilms Tumor Study.
# Run from the repository's root: Rscript vectors/models/compute.R
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

write.csv(figures, "vectors/models/nwtco.csv", row.names = FALSE, quote = FALSE)
