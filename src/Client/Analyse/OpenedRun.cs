using Consilience.Client.Publish;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.SecureAggregation;
using Consilience.SecureAggregation.Masking;

namespace Consilience.Client.Analyse;

/// <summary>A run that arrived whole, its shares opened: what receipts of its answers are made of, before anything of it is verified.</summary>
/// <param name="Request">That it answers: this researcher's own, or of an earlier release.</param>
/// <param name="Evidence">Still without a result.</param>
/// <param name="Folder">Where masked sum and shares lie; null where they are within the evidence.</param>
/// <param name="IsRepeated">Whether it is of an earlier release.</param>
internal sealed record OpenedRun(Signed<RequestStatement> Request, ReceiptStatement Evidence, string? Folder, bool IsRepeated)
{
    /// <summary>The receipt's statement of a question that the run answers, its figures not known yet: its name is read from here, and what is to be made of the sums.</summary>
    internal ReceiptStatement Unfinished(Question question) => Evidence with { Result = Unfinished(question, Request.Statement) };

    /// <summary>Opens the shares.</summary>
    /// <param name="question">That was asked.</param>
    /// <param name="agreement">Under which.</param>
    /// <param name="request">That the run answers.</param>
    /// <param name="arrived">What came; transfers are used up.</param>
    /// <param name="keys">The researcher's.</param>
    /// <param name="arriving">Takes what is large.</param>
    /// <exception cref="AskFailedException">Something is not what was agreed.</exception>
    internal static OpenedRun Of(Question question, Agreement agreement, Signed<RequestStatement> request, ArrivedRun arrived, KeyFolder keys, ArrivingEvidence arriving)
    {
        var opening = arrived.Opening;
        using var file = arriving.TakesFile(SizeOf(request.Statement)) ? arriving.Create(request.Statement.Run) : null;
        var roll = DsseEnvelope.TryParse(opening.Roll.Span, out var envelope) ? envelope.PayloadDigest : throw Unreadable("roll");
        var holders = agreement.Study.KeyHolders.ToList();

        // In the order in which they lie in the file.
        var maskedSum = Vector(file, vector =>
        {
            using var bytes = arrived.Take(opening.MaskedSumTransfer, opening.MaskedSumSize);
            bytes.CopyTo(vector, SealedSums.BlockSize);
        });
        var shares = opening.Shares
            .Select(s => (Share: s, Holder: Signed<ShareStatement>.PeekUnverified(s.Statement.Span)?.KeyHolder ?? throw Unreadable("share")))
            .OrderBy(s => holders.IndexOf(s.Holder))
            .Select(s => Open(s.Share, s.Holder))
            .ToList();
        file?.Flush(flushToDisk: true);
        var evidence = new ReceiptStatement
        {
            Software = SoftwareVersion.Text,
            Agreement = agreement.ToBytes(),
            Request = request.Envelope,
            Roll = opening.Roll.ToByteArray(),
            Contributions = [.. opening.Contributions.Select(c => c.ToByteArray())],
            Refusals = [.. opening.Refusals.Select(r => r.ToByteArray())],
            Absent = [.. opening.Absent.Select(a => OrganisationId.TryParse(a, null, out var id) ? id : throw Unreadable("absent site"))],
            MaskedSum = maskedSum,
            Shares = shares,
            Result = Unfinished(question, request.Statement),
        };
        return new(request, evidence, file is null ? null : arriving.Path, request.Statement.Run != arrived.Asked);

        ReceiptShare Open(Protocol.Wire.OpenedShare share, OrganisationId holder)
        {
            byte[]? salt = null;
            var opened = Vector(file, vector =>
            {
                using var bytes = arrived.Take(share.Transfer, share.SizeInBytes);
                salt = SealedShare.Open(bytes, RunContexts.Share(request, roll, holder), keys.Sealing, vector.Write) ?? throw Unreadable($"share of {holder}");
            });
            return new(share.Statement.ToByteArray(), salt!, opened);
        }
    }

    /// <summary>Bytes of a request's masked sum and shares together.</summary>
    internal static long SizeOf(RequestStatement request) => Ring.Of(request.WordBits).SizeOf(request.VectorLength) * (1 + request.KeyHolders.Count);

    internal static AskFailedException Unreadable(string what) =>
        new(RefusalCode.EnvelopeInvalid, $"{what}: could not be opened or read; the hub or a key holder sent something else than agreed", [], []);

    /// <summary>Writes a vector into the file, or gives its bytes where there is none.</summary>
    private static byte[]? Vector(FileStream? file, Action<Stream> write)
    {
        if (file is not null)
        {
            write(file);
            return null;
        }

        using var memory = new MemoryStream();
        write(memory);
        return memory.ToArray();
    }

    private static AnalysisResult Unfinished(Question question, RequestStatement request) => new()
    {
        Name = question.Name, Method = question.Method, Parameters = question.Parameters, Precision = question.Precision, Epsilon = null, Rho = null, PrivacyUnit = null, Noise = null, Disclosure = [], Run = request.Run, Agreement = request.Agreement,
        Study = "", Cohort = request.Cohort, Sites = new SiteParticipation([], [], []), KeyHolders = [], Privacy = "", Groups = [], Tables = [],
    };
}
