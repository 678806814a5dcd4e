using System.Text.Json;
using System.Text.Json.Serialization;

namespace Consilience.Protocol.Analyse;

/// <summary>Why a party did not do what it was asked. A closed family: names are stable, written in kebab-case on the wire and in results.</summary>
[JsonConverter(typeof(RefusalCodeConverter))]
public enum RefusalCode
{
    Unspecified = 0,
    SignatureInvalid,
    ConsortiumMismatch,
    AgreementUnknown,
    AgreementExpired,
    ResearcherUnknown,
    RequestExpired,
    RequestInvalid,
    MethodNotPermitted,
    ParametersInvalid,
    CohortInvalid,
    PrecisionNotPermitted,
    NoiseMismatch,
    RecipientNotAgreed,
    KeyHolderMismatch,
    PolicyForbids,
    BudgetSpent,
    AlreadyAnswered,
    LedgerForked,
    TooFewPersons,
    TooFewSites,
    RunAlreadyUsed,
    RollInvalid,
    AlreadyOpened,
    EnvelopeInvalid,
    SumMayWrap,
    DataUnreadable,
    NotOneRowPerPerson,
    DataChanged,
    PartyAbsent,
    DeadlinePassed,
    TransferInvalid,
    Cancelled,
    InternalFault,
}

/// <summary>Codes in kebab-case.</summary>
public sealed class RefusalCodeConverter : KebabCaseConverter<RefusalCode>;

/// <summary>An expected refusal, said in words: what was asked, what the bound is, and the fix. Holds ids and bounds, never a datum.</summary>
public sealed record Refusal(RefusalCode Code, string Message)
{
    /// <summary>The code as it is written on the wire and in results, for example <c>budget-spent</c>.</summary>
    public static string NameOf(RefusalCode code) => JsonNamingPolicy.KebabCaseLower.ConvertName(code.ToString());

    public override string ToString() => $"{NameOf(Code)}: {Message}";
}
