using CsCheck;

namespace Consilience.Analyses.Tests.Cohorts;

/// <summary>Random expressions, and random rows with missing values on both sides of every constant.</summary>
internal static class SaidGen
{
    private static readonly string[] Numeric = ["age", "dose", "diagnosed"];
    private static readonly string[] Coded = ["stage", "icd", "relapse"];
    private static readonly string[] Orders = ["=", "==", "!=", "<>", "<", "<=", ">", ">="];

    private static Gen<Said> Leaf { get; } = Gen.OneOf(
        Gen.OneOf(Numeric).SelectMany(v => Gen.Select(Gen.OneOf(Orders), ValueOf(v), (o, value) => (Said)new SaidCompare(v, o, value))),
        Gen.OneOf(Numeric).SelectMany(v => Gen.Select(Gen.Bool, ValueOf(v), ValueOf(v), (n, a, b) =>
            (Said)(Said.Ordinary(a).CompareTo(Said.Ordinary(b)) <= 0 ? new SaidBetween(v, n, a, b) : new SaidBetween(v, n, b, a)))),
        Gen.OneOf(Coded).SelectMany(v => Gen.Select(Gen.OneOf("=", "!="), ValueOf(v), (o, value) => (Said)new SaidCompare(v, o, value))),
        Gen.OneOf([.. Numeric, .. Coded]).SelectMany(v => Gen.Select(Gen.Bool, ValueOf(v).List[1, 14], (n, values) => (Said)new SaidIn(v, n, values))),
        Gen.Select(Gen.OneOf([.. Numeric, .. Coded]), Gen.OneOf("missing", "known", "not missing", "not known"), (v, w) => (Said)new SaidMissing(v, w)));

    internal static Gen<Said> Expression { get; } = Nested(3);

    internal static Gen<IReadOnlyDictionary<string, object>> Row { get; } =
        Gen.Select(ValueOf("age"), ValueOf("dose"), ValueOf("diagnosed"), ValueOf("stage"), ValueOf("icd"), ValueOf("relapse"), Gen.Int[0, 63]).Select(
            (age, dose, day, stage, icd, relapse, missing) =>
            {
                object[] values = [age, dose, day, stage, icd, relapse];
                string[] names = ["age", "dose", "diagnosed", "stage", "icd", "relapse"];
                return (IReadOnlyDictionary<string, object>)Enumerable.Range(0, 6).Where(i => (missing >> i & 1) == 0 || i == missing % 6).ToDictionary(i => names[i], i => values[i]);
            });

    private static Gen<object> ValueOf(string variable) => variable switch
    {
        "age" => Gen.Int[-2, 4].Select(i => (object)(decimal)i),
        "dose" => Gen.Int[-4, 4].Select(i => (object)(i / 2m)),
        "diagnosed" => Gen.Int[0, 6].Select(i => (object)new DateOnly(2019, 12, 28).AddDays(i)),
        _ => Gen.OneOf([.. Codes(variable)]).Select(c => (object)c),
    };

    private static IEnumerable<string> Codes(string variable) =>
        variable == "relapse" ? ["false", "true"] : CohortSchema.Schema.Find(variable)!.Codes.Take(variable == "icd" ? 12 : 4).Select(c => c.Code);

    private static Gen<Said> Nested(int depth)
    {
        if (depth == 0)
            return Leaf;
        var inner = Nested(depth - 1);
        return Gen.Frequency(
            (2, Leaf),
            (2, inner.Select(i => (Said)new SaidNot(i))),
            (5, Gen.Select(Gen.OneOf("and", "or"), inner.List[1, 4], (word, operands) => (Said)new SaidJoin(word, operands))));
    }
}
