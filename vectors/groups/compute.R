# Writes R's figures for the methods that compare groups, on the National Wilms Tumor Study. Needs the package survival.
# Run from the repository's root: Rscript vectors/groups/compute.R
library(survival)
nwtco <- read.csv("samples/wilms/nwtco.csv")
figures <- data.frame(figure = character(), value = character())
keep <- function(name, values) for (i in seq_along(values)) figures[nrow(figures) + 1, ] <<- c(paste0(name, ".", i), sprintf("%.15g", values[i]))

# Tests of independence: statistic, degrees of freedom, p.
for (x in c("histol", "stage")) {
  q <- chisq.test(table(nwtco[[x]], nwtco$rel), correct = FALSE)
  keep(paste0("chisq.", x), c(q$statistic, q$parameter, q$p.value))
}
q <- chisq.test(table(nwtco$histol, nwtco$rel), correct = TRUE)
keep("chisq.corrected", c(q$statistic, q$parameter, q$p.value))

# Mantel–Haenszel over stages: test with and without correction, odds ratio and its limits.
for (correct in c(TRUE, FALSE)) {
  q <- mantelhaen.test(table(nwtco$histol, nwtco$rel, nwtco$stage), correct = correct)
  keep(paste0("mh.", correct), c(q$statistic, q$p.value, q$estimate, q$conf.int))
}

# One fourfold table: log odds ratio and log risk ratio with standard errors by generalised linear models, difference of proportions.
n <- table(nwtco$histol, nwtco$rel)
y <- cbind(n[, 2], n[, 1]); x <- c(0, 1)
keep("odds", summary(glm(y ~ x, binomial, control = list(epsilon = 1e-14)))$coefficients[2, 1:2])
keep("ratio", summary(glm(y ~ x, binomial("log"), control = list(epsilon = 1e-14)))$coefficients[2, 1:2])
p <- n[, 2] / rowSums(n)
keep("difference", c(p[2] - p[1], sqrt(sum(p * (1 - p) / rowSums(n)))))

# Mantel–Haenszel risk ratio and difference over stages, by hand (Greenland and Robins 1985).
t <- table(nwtco$histol, nwtco$rel, nwtco$stage)
a <- t[2, 2, ]; b <- t[2, 1, ]; c <- t[1, 2, ]; d <- t[1, 1, ]; n1 <- a + b; n0 <- c + d; n <- n1 + n0; m <- a + c
keep("mh.ratio", c(sum(a * n0 / n) / sum(c * n1 / n), sqrt(sum((n1 * n0 * m - a * c * n) / n^2) / (sum(a * n0 / n) * sum(c * n1 / n)))))
w <- n1 * n0 / n
keep("mh.difference", c(sum(w * (a / n1 - c / n0)) / sum(w), sqrt(sum(w^2 * (a * b / n1^3 + c * d / n0^3))) / sum(w)))

# Tables of other trials: chi-square, Fisher's p, and for fourfold tables the conditional odds ratio with its limits.
veteran <- read.csv("vectors/groups/veteran.csv")
lung <- read.csv("vectors/groups/lung.csv")
t <- table(veteran$trt, veteran$celltype)
q <- chisq.test(t)
keep("veteran.celltype", c(q$statistic, q$parameter, q$p.value, fisher.test(t)$p.value))
fisher <- function(name, t) { f <- fisher.test(t); keep(name, c(f$p.value, f$estimate, f$conf.int)) }
fisher("veteran.prior", table(veteran$trt, veteran$prior > 0))
fisher("lung.sex", table(lung$sex, lung$status))

# Mantel–Haenszel over sites, row after row: test with and without correction, odds ratio and its limits.
by.site <- function(name, t) for (correct in c(TRUE, FALSE)) { q <- mantelhaen.test(t, correct = correct); keep(paste0(name, ".", correct), c(q$statistic, q$p.value, q$estimate, q$conf.int)) }
by.site("mh.sites", table(nwtco$histol, nwtco$rel, (nwtco$row - 1) %% 5))
by.site("mh.lung", table(lung$sex, lung$status, (lung$row - 1) %% 3))

# Log-rank tests: statistic, degrees of freedom, p, observed, expected.
rank <- function(name, f, rho = 0) {
  z <- survdiff(f, nwtco, rho = rho)
  sums <- function(x) if (is.matrix(x)) rowSums(x) else x
  df <- sum(sums(z$exp) > 0) - 1
  keep(paste0("logrank.", name), c(z$chisq, df, pchisq(z$chisq, df, lower.tail = FALSE), sums(z$obs), sums(z$exp)))
}
rank("histol", Surv(edrel, rel) ~ histol)
rank("stage", Surv(edrel, rel) ~ stage)
rank("strata", Surv(edrel, rel) ~ histol + strata(stage))
rank("rho", Surv(edrel, rel) ~ histol, rho = 1)

# Restricted means to 1825 days: mean and standard error of each group.
for (x in c("histol", "stage")) {
  s <- summary(survfit(as.formula(paste("Surv(edrel, rel) ~", x)), nwtco), rmean = 1825)$table
  keep(paste0("rmean.", x), c(s[, "rmean"], s[, "se(rmean)"]))
}

# Grouped proportional hazards on ten half years, whoever is censored counting half: log hazard ratios and standard errors.
grid <- seq(182.625, by = 182.625, length.out = 10)
interval <- findInterval(nwtco$edrel, grid, left.open = TRUE) + 1
rows <- NULL
for (h in 1:2) for (s in 1:4) {
  i <- nwtco$histol == h & nwtco$stage == s
  for (j in seq_along(grid)) {
    d <- sum(i & interval == j & nwtco$rel == 1); e <- sum(i & interval == j & nwtco$rel == 0)
    rows <- rbind(rows, data.frame(h, s, j, d, n = sum(i & interval >= j) - e / 2))
  }
}
hazards <- function(name, f, data) {
  data <- data[ave(data$d, data$j, FUN = sum) > 0, ]
  z <- suppressWarnings(glm(f, binomial("cloglog"), data, weights = n, control = list(epsilon = 1e-12, maxit = 100)))
  s <- summary(z)$coefficients
  s <- s[!grepl("factor\\(j\\)", rownames(s)), , drop = FALSE]
  keep(paste0("hazards.", name), c(s[, 1], s[, 2]))
}
hazards("histol", d / n ~ 0 + factor(j) + factor(h), aggregate(cbind(d, n) ~ h + j, rows, sum))
hazards("both", d / n ~ 0 + factor(j) + factor(h) + factor(s), rows)
# Moments and quantiles (type 7) of age, of all and by histology.
moments <- function(x) { m <- mean(x); s <- sqrt(mean((x - m)^2)); c(length(x), m, var(x), sd(x), mean((x - m)^3) / s^3, mean((x - m)^4) / s^4, min(x), max(x)) }
p <- c(.01, .05, .1, .25, .5, .75, .9, .95, .99)
keep("moments.all", moments(nwtco$age)); keep("quantiles.all", quantile(nwtco$age, p))
keep("moments.histol", unlist(tapply(nwtco$age, nwtco$histol, moments))); keep("quantiles.histol", unlist(tapply(nwtco$age, nwtco$histol, quantile, p)))

# Cumulative hazards at six times, ties at once and one after the other: estimate and standard error.
for (ties in 1:2) {
  z <- summary(survfit(Surv(edrel, rel) ~ 1, nwtco, stype = 2, ctype = ties), times = c(180, 365, 730, 1095, 1825, 3650))
  keep(paste0("hazard.", ties), c(z$cumhaz, z$std.chaz))
}
write.csv(figures, "vectors/groups/nwtco.csv", row.names = FALSE, quote = FALSE)
