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
write.csv(figures, "vectors/describe/figures.csv", row.names = FALSE, quote = FALSE)
