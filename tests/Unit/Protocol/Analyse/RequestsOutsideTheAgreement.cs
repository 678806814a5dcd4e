using System.Text.Json;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Tests.World;

namespace Consilience.Protocol.Tests.Analyse;

/// <summary>A request is planned if its researcher signed it and everything in it lies within the agreement; otherwise one refusal says what does not.</summary>
public sealed class RequestsOutsideTheAgreement
{
    private static readonly Network Made = Network.Shared;

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private static RefusalCode? CodeOf(RequestStatement request, Agreement? agreement = null, Organisation? signer = null, DateTimeOffset? now = null)
    {
        var envelope = Signed<RequestStatement>.By((signer ?? Made.Ada).Signing, request).Envelope;
        var (plan, refusal) = RunPlan.Decide(agreement ?? Made.Agreement, envelope, now ?? Network.Now);
        Assert.True((plan is null) != (refusal is null));
        if (refusal is not null)
            Assert.InRange(refusal.Message.Length, 10, 2_000);
        return refusal?.Code;
    }

    /// <summary>Broken: content with the researcher's signature and a method of the agreement.</summary>
    private static RefusalCode? Credulous(RequestStatement request) =>
        Made.Agreement.Study.Methods.Contains(request.Method) ? null : RefusalCode.MethodNotPermitted;

    [Fact]
    public void A_request_within_the_agreement_is_planned()
    {
        var envelope = Signed<RequestStatement>.By(Made.Ada.Signing, Made.Request()).Envelope;
        var (plan, refusal) = RunPlan.Decide(Made.Agreement, envelope, Network.Now);
        Assert.Null(refusal);
        Assert.Equal(2, plan!.VectorLength);
        Assert.Equal("2", plan.Noise!.Mechanism.Parameter.ToString());
        Assert.Equal(125_000_000, plan.Charge.Amount);
        Assert.Equal(2, plan.MinimumSites);
        Assert.Equal([Made.Ada.Sealing.PublicKey], plan.Recipients);
    }

    [Fact]
    public void An_exact_request_costs_nothing_and_needs_the_sites_of_exact_precision()
    {
        var envelope = Signed<RequestStatement>.By(Made.Ada.Signing, Made.Request() with { Precision = Precision.Exact, Epsilon = null, Noise = null }).Envelope;
        var plan = RunPlan.Decide(Made.Agreement, envelope, Network.Now).Plan!;
        Assert.Null(plan.Noise);
        Assert.Equal((0L, 3), (plan.Charge.Amount, plan.MinimumSites));
    }

    [Fact]
    public void The_cohort_is_never_wider_than_the_studys()
    {
        string CohortOf(string asked) =>
            RunPlan.Decide(Made.Agreement, Signed<RequestStatement>.By(Made.Ada.Signing, Made.Request() with { Cohort = asked }).Envelope, Network.Now).Plan!.Cohort.Canonical;
        Assert.Equal("age <= 14", CohortOf(""));
        Assert.Equal("age <= 14 and stage = '2'", CohortOf("stage = '2'"));
        Assert.Equal("age <= 14 and (age >= 20 or stage = '1')", CohortOf("age >= 20 or stage = '1'"));
        Assert.DoesNotContain("<= 100", CohortOf("age <= 100"), StringComparison.Ordinal);
    }

    /// <summary>Each a single departure from a request in order, and the code it is refused with.</summary>
    public static TheoryData<string, RefusalCode> Departures => new()
    {
        { "of another agreement", RefusalCode.AgreementUnknown },
        { "of another consortium", RefusalCode.ConsortiumMismatch },
        { "past its time", RefusalCode.RequestExpired },
        { "from the future", RefusalCode.RequestExpired },
        { "from before time", RefusalCode.RequestExpired },
        { "of a method not agreed", RefusalCode.MethodNotPermitted },
        { "of no method", RefusalCode.MethodNotPermitted },
        { "with an unknown parameter", RefusalCode.ParametersInvalid },
        { "with an unknown variable", RefusalCode.ParametersInvalid },
        { "with parameters that are no mapping", RefusalCode.ParametersInvalid },
        { "with cells beyond counting", RefusalCode.ParametersInvalid },
        { "of another length", RefusalCode.RequestInvalid },
        { "of a negative length", RefusalCode.RequestInvalid },
        { "in a later round", RefusalCode.RequestInvalid },
        { "of shorter words", RefusalCode.RequestInvalid },
        { "of words that are none", RefusalCode.RequestInvalid },
        { "with an attachment nobody needs", RefusalCode.RequestInvalid },
        { "of a cohort that is none", RefusalCode.CohortInvalid },
        { "of a cohort not canonical", RefusalCode.CohortInvalid },
        { "of a cohort of an unknown variable", RefusalCode.CohortInvalid },
        { "exact with an epsilon", RefusalCode.NoiseMismatch },
        { "noised without epsilon", RefusalCode.NoiseMismatch },
        { "with too large an epsilon", RefusalCode.NoiseMismatch },
        { "with an epsilon of zero", RefusalCode.NoiseMismatch },
        { "with a negative epsilon", RefusalCode.NoiseMismatch },
        { "with an epsilon not canonical", RefusalCode.NoiseMismatch },
        { "with epsilon and rho", RefusalCode.NoiseMismatch },
        { "with a rho of zero", RefusalCode.NoiseMismatch },
        { "with a rho not canonical", RefusalCode.NoiseMismatch },
        { "with too large a rho", RefusalCode.NoiseMismatch },
        { "with noise that is unsound for its price", RefusalCode.NoiseMismatch },
        { "noised without noise", RefusalCode.NoiseMismatch },
        { "exact with noise", RefusalCode.NoiseMismatch },
        { "with noise that would wrap", RefusalCode.SumMayWrap },
        { "without key holders", RefusalCode.KeyHolderMismatch },
        { "with one key holder fewer", RefusalCode.KeyHolderMismatch },
        { "with key holders in another order", RefusalCode.KeyHolderMismatch },
        { "with another key for a key holder", RefusalCode.KeyHolderMismatch },
        { "with one key holder twice", RefusalCode.KeyHolderMismatch },
        { "without recipients", RefusalCode.RecipientNotAgreed },
        { "to a stranger", RefusalCode.RecipientNotAgreed },
        { "to a researcher under another key", RefusalCode.RecipientNotAgreed },
        { "to one recipient twice", RefusalCode.RecipientNotAgreed },
        { "by a researcher nobody knows", RefusalCode.ResearcherUnknown },
    };

    private static RequestStatement Depart(string how)
    {
        var good = Made.Request();
        var holders = good.KeyHolders;
        var strangers = RunPlan.Fingerprint(Made.Stranger.Sealing.PublicKey);
        return how switch
        {
            "of another agreement" => good with { Agreement = Digest.Of([1]) },
            "of another consortium" => good with { Consortium = Digest.Of([1]) },
            "past its time" => good with { IssuedAt = Network.Now.AddHours(-2), ExpiresAt = Network.Now.AddSeconds(-1) },
            "from the future" => good with { IssuedAt = Network.Now.AddMinutes(11), ExpiresAt = Network.Now.AddHours(1) },
            "from before time" => good with { IssuedAt = DateTimeOffset.MinValue, ExpiresAt = DateTimeOffset.MinValue },
            "of a method not agreed" => good with { Method = "cox" },
            "of no method" => good with { Method = "" },
            "with an unknown parameter" => good with { Parameters = Json("""{"bye":["stage"]}""") },
            "with an unknown variable" => good with { Parameters = Json("""{"by":["stag"]}""") },
            "with parameters that are no mapping" => good with { Parameters = Json("[]") },
            "with cells beyond counting" => good with { Parameters = Json($$"""{"by":[{{string.Join(',', new[] { "age", "weight" }.Select(v => $$"""{"variable":"{{v}}","edges":[{{string.Join(',', Enumerable.Range(0, 20_000))}}]}"""))}}]}""") },
            "of another length" => good with { VectorLength = 3 },
            "of a negative length" => good with { VectorLength = -2 },
            "of shorter words" => good with { WordBits = 32 },
            "of words that are none" => good with { WordBits = 17 },
            "with an attachment nobody needs" => good with { Attachment = new(Digest.Of([1]), 1) },
            "in a later round" => good with { Round = 1 },
            "of a cohort that is none" => good with { Cohort = "stage =" },
            "of a cohort not canonical" => good with { Cohort = "stage  =  '2'" },
            "of a cohort of an unknown variable" => good with { Cohort = "histology = '1'" },
            "exact with an epsilon" => good with { Precision = Precision.Exact },
            "noised without epsilon" => good with { Epsilon = null },
            "with too large an epsilon" => good with { Epsilon = "1000001/1000000" },
            "with an epsilon of zero" => good with { Epsilon = "0" },
            "with a negative epsilon" => good with { Epsilon = "-1" },
            "with an epsilon not canonical" => good with { Epsilon = "2/4" },
            "with epsilon and rho" => good with { Rho = "0.1" },
            "with a rho of zero" => good with { Epsilon = null, Rho = "0" },
            "with a rho not canonical" => good with { Epsilon = null, Rho = "0.10" },
            "with too large a rho" => good with { Epsilon = null, Rho = "0.500000001" },
            "with noise that is unsound for its price" => good with { Noise = "discrete-gaussian" },
            "noised without noise" => good with { Noise = null },
            "exact with noise" => good with { Precision = Precision.Exact, Epsilon = null },
            "with noise that would wrap" => good with { Epsilon = $"1/1{new string('0', 30)}" },
            "without key holders" => good with { KeyHolders = [] },
            "with one key holder fewer" => good with { KeyHolders = [holders[0]] },
            "with key holders in another order" => good with { KeyHolders = [holders[1], holders[0]] },
            "with another key for a key holder" => good with { KeyHolders = [holders[0], holders[1] with { SealingKey = strangers }] },
            "with one key holder twice" => good with { KeyHolders = [holders[0], holders[0]] },
            "without recipients" => good with { Recipients = [] },
            "to a stranger" => good with { Recipients = [new("eve", strangers)] },
            "to a researcher under another key" => good with { Recipients = [new("ada", strangers)] },
            "to one recipient twice" => good with { Recipients = [good.Recipients[0], good.Recipients[0]] },
            "by a researcher nobody knows" => good with { Researcher = "eve" },
            _ => throw new ArgumentOutOfRangeException(nameof(how), how, "a departure"),
        };
    }

    [Theory]
    [MemberData(nameof(Departures))]
    public void A_single_departure_is_refused_by_its_name(string how, RefusalCode code)
    {
        var request = Depart(how);
        Assert.Equal(code, CodeOf(request));
        if (code != RefusalCode.MethodNotPermitted)
            Assert.NotEqual(code, Credulous(request));
    }

    [Fact]
    public void Another_researcher_of_the_study_may_ask_and_receive()
    {
        var request = Made.Request() with { Researcher = "bo", Recipients = [new("bo", RunPlan.Fingerprint(Made.Bo.Sealing.PublicKey)), .. Made.Request().Recipients] };
        Assert.Null(CodeOf(request, signer: Made.Bo));
    }

    [Fact]
    public void A_request_is_signed_by_the_researcher_it_names()
    {
        Assert.Equal(RefusalCode.SignatureInvalid, CodeOf(Made.Request(), signer: Made.Bo));
        Assert.Equal(RefusalCode.SignatureInvalid, CodeOf(Made.Request(), signer: Made.Aster));
        Assert.Equal(RefusalCode.SignatureInvalid, CodeOf(Made.Request(), signer: Made.Stranger));
    }

    [Fact]
    public void A_signed_statement_of_another_kind_is_no_request()
    {
        var proposal = Made.ProposalOf(Network.StudyText);
        Assert.Equal(RefusalCode.ResearcherUnknown, RunPlan.Decide(Made.Agreement, proposal, Network.Now).Refusal!.Code);
        Assert.Equal(RefusalCode.ResearcherUnknown, RunPlan.Decide(Made.Agreement, [], Network.Now).Refusal!.Code);
    }

    [Fact]
    public void An_agreement_ends_with_its_last_day()
    {
        DateTimeOffset lastMoment = new(2030, 12, 31, 23, 59, 0, TimeSpan.Zero), after = lastMoment.AddMinutes(2);
        var agreement = Made.Agree(Opened(Network.StudyText, lastMoment.AddYears(1)));
        Assert.Null(CodeOf(Made.Request(agreement) with { IssuedAt = lastMoment, ExpiresAt = after.AddHours(1) }, agreement, now: lastMoment));
        Assert.Equal(RefusalCode.AgreementExpired, CodeOf(Made.Request(agreement) with { IssuedAt = after, ExpiresAt = after.AddHours(1) }, agreement, now: after));
    }

    [Fact]
    public void A_researchers_card_ends()
    {
        var later = Network.Now.AddYears(1).AddHours(1);
        var request = Made.Request() with { IssuedAt = later, ExpiresAt = later.AddHours(1) };
        Assert.Equal(RefusalCode.ResearcherUnknown, CodeOf(request, now: later));
    }

    [Fact]
    public void A_precision_the_study_does_not_have_is_refused()
    {
        var exactOnly = Made.Agree(Made.Propose(Network.StudyText.Replace("  noised: {maximumEpsilon: 1, budget: 2}\n", "", StringComparison.Ordinal)));
        Assert.Equal(RefusalCode.PrecisionNotPermitted, CodeOf(Made.Request(exactOnly), exactOnly));
        var noisedOnly = Made.Agree(Made.Propose(Network.StudyText.Replace("  exact: {minimumSites: 3, minimumPersons: 5}\n", "", StringComparison.Ordinal)));
        Assert.Equal(RefusalCode.PrecisionNotPermitted, CodeOf(Made.Request(noisedOnly) with { Precision = Precision.Exact, Epsilon = null, Noise = null }, noisedOnly));
        Assert.Null(CodeOf(Made.Request(noisedOnly), noisedOnly));
    }

    [Theory]
    [InlineData("""{"time":"weight","event":"relapse","grid":{"from":-1000000000000000,"to":1000000000000000,"step":1e-28}}""")]
    [InlineData("""{"time":"weight","event":"relapse","grid":{"from":1000000000000000,"to":1000000000000000,"step":1e-28}}""")]
    [InlineData("""{"time":"weight","event":"relapse","grid":{"from":79228162514264337593543950335,"to":79228162514264337593543950335,"step":1}}""")]
    [InlineData("""{"time":"weight","event":"relapse","grid":{"from":0,"to":1,"step":0}}""")]
    [InlineData("""{"time":"weight","event":"relapse","grid":{"from":0,"to":1,"step":-1}}""")]
    [InlineData("""{"time":"weight","event":"relapse","grid":{"from":0,"to":1e400,"step":1}}""")]
    [InlineData("""{"time":"weight","event":"relapse","grid":{"edges":[1e400]}}""")]
    [InlineData("""{"time":"weight","event":"relapse","by":[{"variable":"age","edges":[]}],"grid":{"edges":[1]}}""")]
    public void Extreme_parameters_are_refused_and_break_nothing(string parameters) =>
        Assert.Equal(RefusalCode.ParametersInvalid, CodeOf(Made.Request() with { Method = "kaplan-meier", Parameters = Json(parameters) }));

    [Fact]
    public void A_refusal_does_not_carry_control_characters_or_more_than_a_little_of_the_request()
    {
        var request = Made.Request() with { Method = "\u001b[2J" + new string('x', 100_000) };
        var refusal = RunPlan.Decide(Made.Agreement, Signed<RequestStatement>.By(Made.Ada.Signing, request).Envelope, Network.Now).Refusal!;
        Assert.DoesNotContain('\u001b', refusal.Message);
        Assert.InRange(refusal.Message.Length, 1, 300);
    }

    /// <summary>A member may sign what no serialiser writes: half a character, escaped, or bytes that are no UTF-8.</summary>
    [Theory]
    [InlineData("\\ud800", null)]
    [InlineData("?", (byte)0xff)]
    public void Texts_that_are_no_text_are_refused_though_signed(string code, byte? raw)
    {
        var payload = JsonDocument.Parse(Signed<RequestStatement>.By(Made.Ada.Signing, Made.Request()).Envelope).RootElement.GetProperty("payload").GetBytesFromBase64();
        var text = System.Text.Encoding.UTF8.GetString(payload).Replace("\"by\":[\"stage\"]", $"\"by\":[\"{code}\"]", StringComparison.Ordinal);
        var spoilt = System.Text.Encoding.UTF8.GetBytes(text);
        if (raw is { } value)
            spoilt[Array.IndexOf(spoilt, (byte)'?')] = value;
        Assert.NotEqual(payload, spoilt);
        var (plan, refusal) = RunPlan.Decide(Made.Agreement, DsseEnvelope.Sign(RequestStatement.PayloadType, spoilt, Made.Ada.Signing).ToBytes(), Network.Now);
        Assert.Null(plan);
        Assert.NotNull(refusal);
    }

    [Fact]
    public void Every_refusal_has_a_name_of_its_own_on_the_wire()
    {
        var codes = Enum.GetValues<RefusalCode>().Except([RefusalCode.Unspecified]).ToList();
        Assert.Equal(codes.Count, codes.Select(Refusal.NameOf).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal("\"budget-spent\"", JsonSerializer.Serialize(RefusalCode.BudgetSpent));
        Assert.All(codes, c => Assert.Equal(c, JsonSerializer.Deserialize<RefusalCode>($"\"{Refusal.NameOf(c)}\"")));
        foreach (var wrong in new[] { "1", "\"1\"", "\"unspecified\"", "\"BudgetSpent\"", "\"budget-spent, cancelled\"", "\"\"", "null" })
            Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<RefusalCode>(wrong));
        Assert.Throws<JsonException>(() => JsonSerializer.Serialize(RefusalCode.Unspecified));
    }

    private static Proposal Opened(string text, DateTimeOffset cardsExpire)
    {
        byte[][] cards = [Made.Aster.CardFor(Made.Ada, cardsExpire), Made.Birch.CardFor(Made.Bo, cardsExpire)];
        Assert.True(Proposal.TryOpen(Proposal.Sign(Made.Consortium, text, cards, "ada", Made.Ada.Signing), Made.File, out var proposal, out _));
        return proposal;
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("cedar aster", RefusalCode.RequestInvalid)]
    [InlineData("aster aster", RefusalCode.RequestInvalid)]
    [InlineData("aster nowhere", RefusalCode.RequestInvalid)]
    [InlineData("aster birch cedar", RefusalCode.RequestInvalid)]
    [InlineData("aster", RefusalCode.TooFewSites)]
    [InlineData("", RefusalCode.TooFewSites)]
    public void Sites_that_are_chosen_are_some_of_the_agreements_and_enough(string? chosen, RefusalCode? code)
    {
        var request = Made.Request() with { Sites = chosen is null ? null : [.. chosen.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(s => OrganisationId.TryParse(s, null, out var id) ? id : throw new FormatException(s))] };
        Assert.Equal(code, CodeOf(request));
        Assert.Null(Credulous(request));
    }
}
