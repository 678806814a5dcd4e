# Writes the rates that the method incidence is tested against, from invented cases and person-years of three registries in registry.csv beside this file.
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
