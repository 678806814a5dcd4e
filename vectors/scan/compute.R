# Makes a panel of 200 variants of 300 persons at three sites, by a fixed recipe (no random numbers of R's, which change between versions), and R's score tests of them.
# Run from the repository's root: Rscript vectors/scan/compute.R
folder <- "vectors/scan"
people <- 300
variants <- 200

# Lehmer's generator (Park and Miller 1988): exact in doubles, the same everywhere.
state <- 20261124
uniform <- function(n) vapply(seq_len(n), function(i) { state <<- (state * 48271) %% 2147483647; state / 2147483647 }, 0)

age <- 18 + floor(uniform(people) * 60)
sex <- ifelse(uniform(people) < 0.5, "f", "m")
frequency <- 0.02 + 0.48 * uniform(variants)
frequency[3] <- 0.004
frequency[10] <- 0.35
genotypes <- sapply(seq_len(variants), function(v) (uniform(people) < frequency[v]) + (uniform(people) < frequency[v]))
missing <- matrix(uniform(people * variants) < rep(c(0, 0.01, 0.05, 0.3), length.out = variants)[col(genotypes)], people)
genotypes[missing] <- NA
genotypes[, 5] <- 0                                                # nobody carries it
genotypes[, 6] <- 2                                                # everybody does, twice
genotypes[, 7] <- ifelse(sex == "f", 2, 0)                         # a covariate determines it, in all who are typed
genotypes[1:100, 8] <- NA                                          # not typed at the first site
causal <- ifelse(is.na(genotypes[, 10]), 0, genotypes[, 10])
relapse <- uniform(people) < plogis(-1.5 + 0.02 * (age - 48) + 0.3 * (sex == "m") + 0.9 * causal)
marker <- round(10 + 0.05 * age + 0.8 * (sex == "m") + 0.7 * causal + 3 * (uniform(people) + uniform(people) - 1), 2)
ids <- sprintf("P%03d", (seq_len(people) * 7) %% people + 1)       # neither in order nor as the rows of the table

# One line a variant; alleles and chromosomes by rule.
bases <- c("A", "C", "G", "T")
bim <- data.frame(chromosome = c(1:22, "X")[1 + ((seq_len(variants) - 1) * 23) %/% variants], id = paste0("rs", 1000 + seq_len(variants)), cm = 0, position = 10000 + 1375 * seq_len(variants),
                  effect = bases[1 + seq_len(variants) %% 4], other = bases[1 + (seq_len(variants) + 1) %% 4])
write.table(bim, file.path(folder, "panel.bim"), quote = FALSE, sep = "\t", row.names = FALSE, col.names = FALSE)

# PLINK 1 binary: two bits a person, the first lowest; 0 two effect alleles, 1 not known, 2 one, 3 none. The third site's table names two persons more than its genotype files.
rows <- list(1:100, 101:180, 181:300)
typed <- list(1:100, 101:180, 181:298)
for (site in 1:3) {
  order <- rev(typed[[site]])
  packed <- lapply(seq_len(variants), function(v) {
    g <- genotypes[order, v]
    code <- ifelse(is.na(g), 1, ifelse(g == 2, 0, ifelse(g == 1, 2, 3)))
    code <- c(code, rep(0, (4 - length(code) %% 4) %% 4))
    colSums(matrix(code, 4) * c(1, 4, 16, 64))
  })
  writeBin(as.raw(c(0x6c, 0x1b, 1, unlist(packed))), sprintf("%s/site%d.bed", folder, site))
  file.copy(file.path(folder, "panel.bim"), sprintf("%s/site%d.bim", folder, site), overwrite = TRUE)
  write.table(data.frame("F", ids[order], 0, 0, ifelse(sex[order] == "m", 1, 2), -9), sprintf("%s/site%d.fam", folder, site), quote = FALSE, row.names = FALSE, col.names = FALSE)
  own <- rows[[site]]
  write.csv(data.frame(person = ids[own], age = age[own], sex = sex[own], relapse = tolower(relapse[own]), marker = marker[own]), sprintf("%s/site%d.csv", folder, site), quote = FALSE, row.names = FALSE)
}

# Genotypes that are not known count as the mean of those that are, over all sites.
genotypes[299:300, ] <- NA
figures <- data.frame(figure = character(), value = character())
keep <- function(name, values) for (i in seq_along(values)) figures[nrow(figures) + 1, ] <<- c(paste0(name, ".", i), sprintf("%.15g", values[i]))
persons <- data.frame(age, sex = factor(sex), relapse, marker)
scan <- function(name, family, formula) {
  null <- glm(formula, family, persons, control = list(epsilon = 1e-14, maxit = 100))
  x <- model.matrix(null)
  w <- if (name == "linear") rep(1, people) else fitted(null) * (1 - fitted(null))
  y <- if (name == "linear") persons$marker else as.numeric(persons$relapse)
  phi <- if (name == "linear") sum((y - fitted(null))^2) / (people - ncol(x)) else 1
  squares <- numeric()
  for (v in seq_len(variants)) {
    g <- genotypes[, v]
    n <- sum(!is.na(g))
    p <- sum(g, na.rm = TRUE) / (2 * n)
    g[is.na(g)] <- 2 * p
    u <- sum(g * (y - fitted(null)))
    information <- sum(w * g^2) - t(crossprod(x, w * g)) %*% solve(crossprod(x, w * x), crossprod(x, w * g))
    if (v %in% 5:6) { keep(paste0(name, ".", v), c(n, p, NA, NA, NA, NA)); next }
    z <- u / sqrt(phi * information)
    squares <- c(squares, z^2)
    if (name == "logistic") {                                      # the same by R's own score test
      rao <- anova(null, glm(update(formula, . ~ . + g), family, cbind(persons, g), control = list(epsilon = 1e-14, maxit = 100)), test = "Rao")$Rao[2]
      stopifnot(abs(rao - z^2) <= 1e-7 * z^2 + 1e-12)
    }
    keep(paste0(name, ".", v), c(n, p, u / information, sqrt(phi / information), z, 2 * pnorm(-abs(z))))
  }
  keep(paste0(name, ".model"), c(people, people - ncol(x), phi, median(squares) / qchisq(0.5, 1)))
}
scan("logistic", binomial, relapse ~ age + sex)
scan("linear", gaussian, marker ~ age + sex)
write.csv(figures, file.path(folder, "figures.csv"), row.names = FALSE, quote = FALSE)
