using System.Text.Json;
using Consilience.Protocol.Analyse;

namespace Consilience.Client.Analyse;

/// <summary>What a researcher wants to know.</summary>
/// <param name="Name">Its name in results.</param>
/// <param name="Method">For example <c>kaplan-meier</c>.</param>
/// <param name="Parameters">As the method wants them.</param>
/// <param name="Cohort">A cohort expression as written; empty for everyone.</param>
/// <param name="Precision">Noised unless asked otherwise.</param>
/// <param name="Epsilon">ε at noised precision.</param>
public sealed record Question(string Name, string Method, JsonElement Parameters, string Cohort, Precision Precision, string? Epsilon);
