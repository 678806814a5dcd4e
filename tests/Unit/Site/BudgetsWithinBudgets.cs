using Consilience.DifferentialPrivacy.Accounting;
using Consilience.KeyHolder.Storage;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Site.Ledger;
using Consilience.Tests.World;
using CsCheck;

namespace Consilience.Site.Tests;

/// <summary>Limits of a researcher within a study, and of persons over all studies and for ever.</summary>
public sealed class BudgetsWithinBudgets : IDisposable
{
    private static readonly NanoRho One = new(1_000_000_000);

    private readonly string folder = Directory.CreateTempSubdirectory("consilience-").FullName;
    private readonly PartyDatabase database;
    private readonly PrivacyLedger ledger;

    public BudgetsWithinBudgets()
    {
        database = PartyDatabase.Open(Path.Combine(folder, "site.db"), PartyDatabaseKind.Site, PrivacyLedger.Tables);
        ledger = PrivacyLedger.Open(database, new StandingClock());
    }

    private static Charge Of(string study = "s", string researcher = "ada", string blocks = "*", long? perResearcher = null, long? lifetime = null, long limit = 100) => new(
        Digest.Of(System.Text.Encoding.UTF8.GetBytes(study)), Questions.FreshRun(), 0, Digest.Of("request"u8), researcher, blocks, One,
        new ChargeLimits(Rho(limit)!, Rho(perResearcher), Rho(lifetime)));

    private static NanoRho? Rho(long? rho) => rho is null ? null : new NanoRho(rho.Value * One.Amount);

    private bool Grants(Charge charge) => ledger.Reserve(charge).Refusal is null;

    [Fact]
    public void A_researcher_spends_no_more_than_their_part_and_others_keep_theirs()
    {
        Assert.True(Grants(Of(perResearcher: 2)));
        Assert.True(Grants(Of(perResearcher: 2)));
        var refusal = ledger.Reserve(Of(perResearcher: 2)).Refusal!;
        Assert.Equal(RefusalCode.BudgetSpent, refusal.Code);
        Assert.Contains("researcher ada", refusal.Message, StringComparison.Ordinal);
        Assert.True(Grants(Of(researcher: "bo", perResearcher: 2)));
        Assert.True(Grants(Of(study: "other", perResearcher: 2)));
        Assert.True(Grants(Of()));
    }

    [Fact]
    public void All_studies_together_spend_no_more_than_a_lifetime()
    {
        Assert.True(Grants(Of(study: "a", lifetime: 2)));
        Assert.True(Grants(Of(study: "b", lifetime: 2)));
        Assert.Equal(RefusalCode.BudgetSpent, ledger.Reserve(Of(study: "c", lifetime: 2)).Refusal!.Code);

        // A ledger that counts by study alone lets every new study begin afresh.
        Assert.True(Grants(Of(study: "c")));
    }

    [Fact]
    public void Persons_of_different_years_have_budgets_of_their_own_and_everyones_counts_for_each()
    {
        Assert.True(Grants(Of(blocks: "2001 2002", lifetime: 2)));
        Assert.True(Grants(Of(blocks: "2003", lifetime: 2)));
        Assert.True(Grants(Of(blocks: "2002", lifetime: 2)));
        Assert.False(Grants(Of(blocks: "2002 2004", lifetime: 2)));
        Assert.False(Grants(Of(blocks: "*", lifetime: 2)));
        Assert.True(Grants(Of(blocks: "2001", lifetime: 2)));
        Assert.True(Grants(Of(blocks: "2003 2004", lifetime: 2)));
        Assert.True(Grants(Of(blocks: "2004", lifetime: 2)));
        Assert.False(Grants(Of(blocks: "2004", lifetime: 2)));
    }

    [Fact]
    public void Nothing_is_free_for_anyone_after_a_question_about_everyone()
    {
        Assert.True(Grants(Of(blocks: "*", lifetime: 1)));
        Assert.False(Grants(Of(blocks: "1999", lifetime: 1)));
    }

    [Fact]
    public void A_charge_given_back_may_be_spent_again()
    {
        var charge = Of(lifetime: 1, perResearcher: 1);
        Assert.True(Grants(charge));
        Assert.False(Grants(Of(lifetime: 1, perResearcher: 1)));
        ledger.Release(charge);
        Assert.True(Grants(Of(lifetime: 1, perResearcher: 1)));
    }

    /// <summary>Random charges against a count of every block by itself.</summary>
    [Fact]
    public void No_block_is_ever_overdrawn() => Gen.Int[1, 31].Array[1, 40].Sample(sets =>
    {
        using var file = PartyDatabase.Open(Path.Combine(folder, $"{Guid.NewGuid()}.db"), PartyDatabaseKind.Site, PrivacyLedger.Tables);
        var other = PrivacyLedger.Open(file, new StandingClock());
        var spent = new int[5];
        foreach (var set in sets)
        {
            var touched = Enumerable.Range(0, 5).Where(b => (set >> b & 1) == 1).ToList();
            var fits = touched.All(b => spent[b] < 3);
            var blocks = set == 31 ? "*" : string.Join(' ', touched);
            Assert.Equal(fits, other.Reserve(Of(blocks: blocks, lifetime: 3)).Refusal is null);
            touched.ForEach(b => spent[b] += fits ? 1 : 0);
        }
    }, iter: 30);

    public void Dispose()
    {
        database.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
