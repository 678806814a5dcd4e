using Consilience.DifferentialPrivacy.Accounting;

namespace Consilience.Site.Ledger;

/// <summary>What all studies together have spent on one block of persons, for as long as the ledger lives.</summary>
/// <param name="Block">Its name, such as a year; <c>*</c> where persons are not divided.</param>
public sealed record BlockBudget(string Block, NanoRho Limit, NanoRho Spent)
{
    /// <summary>Never negative.</summary>
    public NanoRho Left => new(Math.Max(0, Limit.Amount - Spent.Amount));
}
