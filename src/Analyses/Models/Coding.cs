namespace Consilience.Analyses.Models;

/// <summary>How one variable enters one column: as a number between −1 and 1, or as 1 where it lies in a class and 0 elsewhere.</summary>
/// <param name="Variable">Position among the variables that are read.</param>
/// <param name="Origin">What is added to the value to make it the number that is meant: 1 for scores, which begin there.</param>
/// <param name="Centre">What is taken off the number.</param>
/// <param name="Half">What a number is divided by.</param>
/// <param name="Class">The class that counts as 1: above the first and up to the second; null for a number.</param>
internal sealed record Coding(int Variable, double Origin, double Centre, double Half, (double Above, double UpTo)? Class)
{
    internal double Of(double value) => Class is not { } within ? (value + Origin - Centre) / Half : value > within.Above && value <= within.UpTo ? 1 : 0;
}
