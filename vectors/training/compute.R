# Logistic regression on the pooled rows of the four hospitals of samples/heart: what federated Newton is compared with. Rscript vectors/training/compute.R, from the repository's root.
sites <- c("cleveland", "hungarian", "switzerland", "va")
heart <- do.call(rbind, lapply(sites, function(s) read.csv(file.path("samples/heart", paste0(s, ".csv")), na.strings = "")))
fit <- glm(I(num > 0) ~ age + sex + factor(cp) + thalach + exang, data = heart, family = binomial, control = glm.control(epsilon = 1e-14, maxit = 100))
table <- coef(summary(fit))
out <- data.frame(term = c("(Intercept)", "age", "sex true", "cp 2", "cp 3", "cp 4", "thalach", "exang true"), estimate = sapply(table[, 1], format, digits = 12), std.error = sapply(table[, 2], format, digits = 12))
write.csv(out, "vectors/training/heart-glm.csv", row.names = FALSE, quote = FALSE)

# The same thirteen inputs as the trainings of the sample, fitted to all that is trained on at once: accuracy on the thirds left out, the mean over the five splits.
need <- c("age", "sex", "cp", "trestbps", "chol", "fbs", "restecg", "thalach", "exang", "oldpeak")
accuracy <- sapply(1:5, function(s) {
  part <- heart[[paste0("split", s)]]
  pooled <- glm(I(num > 0) ~ age + sex + factor(cp) + trestbps + chol + fbs + factor(restecg) + thalach + exang + oldpeak, data = heart[which(part == "train"), ], family = binomial)
  test <- heart[which(part == "test"), ]
  mean((predict(pooled, test) > 0) == (test$num > 0))
})
cat("pooled accuracy", format(mean(accuracy), digits = 6), "(", format(accuracy, digits = 4), ")\n")
