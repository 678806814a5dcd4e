# Writes R's figures for the methods that describe and compare numbers, on the UCI Heart Disease data.
# Run from the repository's root: Rscript vectors/describe/compute.R
heart <- read.csv("vectors/describe/heart.csv", na.strings = "")
figures <- data.frame(figure = character(), value = character())
keep <- function(name, values) for (i in seq_along(values)) figures[nrow(figures) + 1, ] <<- c(paste0(name, ".", i), sprintf("%.15g", values[i]))

# Persons, mean, variance, standard deviation, skewness, kurtosis.
moments <- function(x) { x <- x[!is.na(x)]; m <- mean(x); s <- sqrt(mean((x - m)^2)); c(length(x), m, var(x), sd(x), mean((x - m)^3) / s^3, mean((x - m)^4) / s^4) }
for (x in c("age", "chol", "oldpeak")) keep(paste0("moments.", x), moments(heart[[x]]))
keep("moments.oldpeak.sex", unlist(tapply(heart$oldpeak, heart$sex, moments)))

# Difference, statistic, degrees of freedom, p, limits; Welch's, then Student's.
for (equal in c(FALSE, TRUE)) {
  z <- t.test(oldpeak ~ sex, heart, var.equal = equal)
  keep(paste0("t.", if (equal) "Student" else "Welch"), c(-diff(z$estimate), z$stderr, z$statistic, z$parameter, z$p.value, z$conf.int))
}

# Whoever has all five numbers. Correlation, statistic, degrees of freedom, p, limits, of every two.
five <- c("age", "trestbps", "chol", "thalach", "oldpeak")
whole <- heart[complete.cases(heart[, five]), five]
for (i in 2:5) for (j in 1:(i - 1)) { z <- cor.test(whole[[j]], whole[[i]]); keep(paste0("cor.", five[j], ".", five[i]), c(z$estimate, z$statistic, z$parameter, z$p.value, z$conf.int)) }

# Components of correlations and of covariances: standard deviations, then loadings component by component, the largest of each made positive.
for (scaled in c(TRUE, FALSE)) {
  z <- prcomp(whole, scale. = scaled)
  keep(if (scaled) "pca.correlations" else "pca.covariances", c(z$sdev, apply(z$rotation, 2, function(v) v * sign(v[which.max(abs(v))]))))
}
# Persons of whom a variable is known and missing, by sex.
for (x in c("chol", "thalach", "ca")) keep(paste0("known.", x), rbind(tapply(!is.na(heart[[x]]), heart$sex, sum), tapply(is.na(heart[[x]]), heart$sex, sum)))

q <- prop.test(sum(!is.na(heart$ca)), nrow(heart), correct = FALSE)
keep("known.share", c(q$estimate, q$conf.int))

# Quantiles of whole numbers, type 7.
p <- c(.01, .05, .1, .25, .5, .75, .9, .95, .99)
keep("quantiles.chol", quantile(heart$chol, p, type = 7, na.rm = TRUE))

# Fifteen-month bins of age at diagnosis: counts, densities, and quantiles by interpolation inside them.
nwtco <- read.csv("samples/wilms/nwtco.csv")
h <- hist(nwtco$age, breaks = seq(0, 195, 15), right = TRUE, include.lowest = TRUE, plot = FALSE)
cum <- cumsum(h$counts)
keep("bins.counts", h$counts)
keep("bins.density", h$density)
keep("bins.quantiles", sapply(p, function(p) { t <- p * sum(h$counts); k <- which(cum >= t)[1]; h$breaks[k] + 15 * (t - c(0, cum)[k]) / h$counts[k] }))
keep("moments.wilms", moments(nwtco$age))
keep("moments.wilms.years", moments(nwtco$age / 12))
keep("moments.lung", moments(read.csv("vectors/groups/lung.csv")$age))

# Woodruff's limits of a quantile: where the interpolated distribution function reaches p by z standard errors of a share, more and less.
z <- qnorm(.975)
reach <- function(p, sign) uniroot(function(x) approx(h$breaks, c(0, cum), x)$y - sum(h$counts) * p - sign * z * sqrt(sum(h$counts) * p * (1 - p)), c(0, 195), tol = 1e-13)$root
keep("bins.limits", c(sapply(p, reach, -1), sapply(p, reach, 1)))

# Rank sums: W, the share of W in all pairs, p with and without correction. Whole numbers as they are; measured ones by bins.
ranks <- function(name, x, g) {
  g <- g == min(g)
  w <- wilcox.test(x[g], x[!g], exact = FALSE)
  keep(name, c(w$statistic, w$statistic / (sum(g & !is.na(x)) * sum(!g & !is.na(x))), w$p.value, wilcox.test(x[g], x[!g], exact = FALSE, correct = FALSE)$p.value))
}
ranks("ranks.wilms", nwtco$age, nwtco$rel)
ranks("ranks.oldpeak", findInterval(heart$oldpeak, c(-1, 0, 0.5, 1, 2, 3), left.open = TRUE), heart$sex)
write.csv(figures, "vectors/describe/figures.csv", row.names = FALSE, quote = FALSE)
