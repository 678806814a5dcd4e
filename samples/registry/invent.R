# Invents the registry and its life table, by a fixed recipe (no random numbers of R's, which change between versions). Run from the repository's root: Rscript samples/registry/invent.R
folder <- "samples/registry"
people <- 900

# Lehmer's generator (Park and Miller 1988): exact in doubles, the same everywhere.
state <- 20261125
uniform <- function(n) vapply(seq_len(n), function(i) { state <<- (state * 48271) %% 2147483647; state / 2147483647 }, 0)

# Mortality after Gompertz: doubles every nine years of age, falls by one and a half per cent a calendar year, and is by half higher in men.
years <- seq(2005, 2020, by = 5)
table <- expand.grid(from = sprintf("%d-01-01", years), age = 0:100, sex = c("f", "m"), stringsAsFactors = FALSE)
yearly <- 0.0005 * 2^((table$age - 30) / 9) * 0.985^(as.integer(substr(table$from, 1, 4)) - 2005) * ifelse(table$sex == "m", 1.5, 1)
table$hazard <- sprintf("%.6e", pmin(yearly, 1.5) / 365.25)
write.csv(data.frame(sex = table$sex, age_from_days = sprintf("%.2f", table$age * 365.25), from = table$from, hazard_per_day = table$hazard), file.path(folder, "life-tables", "invented.csv"), quote = FALSE, row.names = FALSE)

age <- floor(365.25 * (35 + 50 * sqrt(uniform(people))))
sex <- ifelse(uniform(people) < 0.5, "f", "m")
stage <- c("1", "2", "3")[1 + findInterval(uniform(people), c(0.45, 0.8))]
diagnosed <- as.Date("2008-01-01") + floor(uniform(people) * 3650)

# Death of the disease by a constant hazard, of other causes by that of the table at diagnosis, doubling every nine years.
excess <- c("1" = 0.02, "2" = 0.10, "3" = 0.45)[stage] / 365.25
at <- 0.0005 * 2^((age / 365.25 - 30) / 9) * 0.985^(as.integer(format(diagnosed, "%Y")) - 2005) * ifelse(sex == "m", 1.5, 1) / 365.25
growth <- log(2) / 9 / 365.25
cancer <- -log(uniform(people)) / excess
other <- log(1 - log(uniform(people)) * growth / at) / growth
closed <- as.numeric(as.Date("2020-12-31") - diagnosed)
days <- pmax(1, ceiling(pmin(cancer, other, closed, 3650)))
dead <- pmin(cancer, other) <= pmin(closed, 3650)
write.csv(data.frame(days, dead = tolower(dead), age_days = age, diagnosed = format(diagnosed), sex, stage), file.path(folder, "registry.csv"), quote = FALSE, row.names = FALSE)
