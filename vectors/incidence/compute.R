# Writes the rates that the methods incidence and trend are tested against: rates.csv from invented cases and person-years of three registries, testis.csv from the Danish testis cancers.
# Run from the repository's root: Rscript vectors/incidence/compute.R
registry <- read.csv("vectors/incidence/registry.csv")
standards <- list(
  "who-2000" = c(88569, 86870, 85970, 84670, 82171, 79272, 76073, 71475, 65877, 60379, 53681, 45484, 37187, 29590, 22092, 15195, 9097, 6348),
  "european-2013" = c(5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000, 7000, 6500, 6000, 5500, 5000, 4000, 2500, 2500),
  "segi" = c(12000, 10000, 9000, 9000, 8000, 8000, 6000, 6000, 6000, 6000, 5000, 4000, 4000, 3000, 2000, 1000, 500, 500),
  "european-1976" = c(8000, rep(7000, 10), 6000, 5000, 4000, 3000, 2000, 1000, 1000))

# Fay and Feuer 1997.
standardised <- function(d, n, s) {
  n <- as.numeric(n); w <- s / (n * sum(s)); y <- sum(w * d); v <- sum(w^2 * d); m <- max(w)
  c(y, sqrt(v), v / (2 * y) * qchisq(0.025, 2 * y^2 / v), (v + m^2) / (2 * (y + m)) * qchisq(0.975, 2 * (y + m)^2 / (v + m^2)))
}
exact <- function(d) c(if (d > 0) qchisq(0.025, 2 * d) / 2 else 0, qchisq(0.975, 2 * (d + 1)) / 2)
figures <- NULL
keep <- function(registry, measure, values) figures <<- rbind(figures, data.frame(registry, measure, t(sprintf("%.15g", 1e6 * values))))
for (r in c("A", "B", "C")) {
  x <- registry[registry$registry == r, ]
  d <- sum(x$cases); n <- sum(as.numeric(x$person_years))
  keep(r, "crude", c(d, sqrt(d), exact(d)) / n)
  for (s in names(standards)) keep(r, s, standardised(x$cases, x$person_years, standards[[s]]))

  # Standardised incidence ratio against the other two together.
  o <- aggregate(cbind(cases, person_years) ~ age_from, registry[registry$registry != r, ], sum)
  e <- sum(o$cases / o$person_years * x$person_years)
  keep(r, "ratio", c(d, sqrt(d), exact(d)) / e / 1e6)
}
names(figures)[3:6] <- c("estimate", "std.error", "conf.low", "conf.high")
write.csv(figures, "vectors/incidence/rates.csv", row.names = FALSE, quote = FALSE)

# All registries together, and children below 15, by the names of testis.csv below.
lines <- data.frame(figure = character(), value = character())
put <- function(name, values) for (i in seq_along(values)) lines[nrow(lines) + 1, ] <<- c(paste0(name, ".", i), sprintf("%.15g", values[i]))
tiwari <- function(d, n, s) {
  n <- as.numeric(n); w <- s / (n * sum(s)); y <- sum(w * d); v <- sum(w^2 * d); m <- mean(w); q <- mean(w^2)
  (v + q) / (2 * (y + m)) * qchisq(0.975, 2 * (y + m)^2 / (v + q))
}
all <- aggregate(cbind(cases, person_years) ~ age_from, registry, sum)
put("registries.crude", 1e6 * c(sum(all$cases), exact(sum(all$cases))) / sum(all$person_years))
for (s in names(standards)) put(paste0("registries.", s), 1e6 * standardised(all$cases, all$person_years, standards[[s]]))
for (s in c("who-2000", "segi")) put(paste0("registries.children.", s), 1e6 * standardised(all$cases[1:3], all$person_years[1:3], standards[[s]][1:3]))

# Denmark. One row a case, as a registry has them.
t <- read.csv("vectors/incidence/testisDK.csv")
write.csv(data.frame(age = rep(t$A, t$D), year = rep(t$P, t$D)), "vectors/incidence/testis-cases.csv", row.names = FALSE, quote = FALSE)
t$band <- pmin(5 * (t$A %/% 5), 85)
t$period <- cut(t$P, c(1943, 1950, 1960, 1970, 1980, 1990, 1997), right = FALSE, labels = 1:6)
of <- function(x) aggregate(cbind(D, Y) ~ band, x, sum)
for (s in names(standards)) for (p in 1:6) { a <- of(t[t$period == p, ]); put(paste("decade", s, p, sep = "."), 1e5 * c(standardised(a$D, a$Y, standards[[s]]), tiwari(a$D, a$Y, standards[[s]]))) }
k <- of(t[t$A < 15, ])
put("children.crude", 1e6 * c(sum(k$D), sqrt(sum(k$D)), exact(sum(k$D))) / sum(k$Y))
for (s in c("who-2000", "segi")) put(paste0("children.", s), 1e6 * c(standardised(k$D, k$Y, standards[[s]][1:3]), tiwari(k$D, k$Y, standards[[s]][1:3])))
rate <- function(p) { a <- of(t[t$period == p, ]); standardised(a$D, a$Y, standards[["who-2000"]]) }
u <- rate(6); b <- rate(1); e <- sqrt((u[2] / u[1])^2 + (b[2] / b[1])^2)
put("ratio", c(u[1] / b[1], e, u[1] / b[1] * exp(qnorm(.975) * c(-e, e))))

# Age and period as factors, 15 to 64 years: coefficients, standard errors, deviance, degrees of freedom, dispersion.
a <- aggregate(cbind(D, Y) ~ band + period, t[t$A >= 15 & t$A < 65, ], sum)
z <- glm(D ~ factor(band) + factor(period) + offset(log(Y)), poisson, a, control = glm.control(epsilon = 1e-14, maxit = 50))
put("age-period", coef(summary(z))[, 1:2])
put("age-period.fit", c(z$deviance, z$df.residual, sum(residuals(z, "pearson")^2) / z$df.residual))

# Change by single years, all ages: slope, error, p, per cent change and its limits.
change <- function(name, slope, error, p, q) put(name, c(slope, error, p, 100 * (exp(slope + c(0, -q, q) * error) - 1)))
years <- sort(unique(t$P))
y <- t(sapply(years, function(i) { a <- of(t[t$P == i, ]); c(standardised(a$D, a$Y, standards[["who-2000"]])[1], sum(a$D)) }))
m <- coef(summary(lm(log(y[, 1]) ~ years, weights = y[, 2])))[2, ]
change("log-linear", m[1], m[2], m[4], qt(.975, length(years) - 2))
a <- aggregate(cbind(D, Y) ~ band + P, t, sum)
z <- glm(D ~ factor(band) + P + offset(log(Y)), poisson, a, control = glm.control(epsilon = 1e-14, maxit = 50))
m <- coef(summary(z))["P", ]
change("drift", m[1], m[2], m[4], qnorm(.975))
put("drift.fit", c(z$deviance, z$df.residual, sum(residuals(z, "pearson")^2) / z$df.residual))

# Person-time at sites: deaths per thousand days of the veterans, by treatment and Karnofsky score up to 50 and above, standardised with weights 2 and 3.
v <- read.csv("vectors/groups/veteran.csv")
for (g in 1:2) {
  x <- v[v$trt == g, ]; band <- x$karno > 50
  d <- tapply(x$status, band, sum); n <- tapply(x$time, band, sum)
  put(paste0("veteran.counts.", g), c(sum(d), sum(n)))
  put(paste0("veteran.crude.", g), 1e3 * c(sum(d), sqrt(sum(d)), exact(sum(d))) / sum(n))
  put(paste0("veteran.standardised.", g), 1e3 * standardised(d, n, c(2, 3)))
}
write.csv(lines, "vectors/incidence/testis.csv", row.names = FALSE, quote = FALSE)
