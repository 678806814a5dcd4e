using System.Security.Cryptography;
using System.Text;

namespace Consilience.Processes.Benchmarks;

/// <summary>A scan of many variants over three sites of 5,000 persons each, with the fit that comes before it.</summary>
internal static class Scan
{
    private const int Sites = 3, Persons = 5000;

    internal static async Task RunAsync(string root, int variants)
    {
        var digest = "";
        for (var site = 0; site < Sites; site++)
            digest = Write(ProcessNetwork.SiteFolder(root, site), site, variants);
        var schema = "{variables: {age: {type: integer, minimum: 0, maximum: 120}, sex: {type: category, codes: {f: f, m: m}}, bmi: {type: real, minimum: 10, maximum: 60}, ill: {type: boolean}}, " +
            $"panels: {{array: {{variants: {variants}, digest: {digest}}}}}}}";
        const string Mapping = "files: [data.csv]\nformat: csv\nperson: id\nvariables: {age: {column: age}, sex: {column: sex}, bmi: {column: bmi}, ill: {column: ill}}\ngenotypes: {array: {files: array}}\n";
        await using var network = await ProcessNetwork.StartAsync(root, new Subject(schema, ["glm", "association-scan"], [.. Enumerable.Repeat(Mapping, Sites)]));
        for (var run = 0; run < 3; run++)
        {
            var before = network.ProcessorTime;
            var (answer, elapsed) = await network.AskAsync("association-scan", """{"panel": "array", "formula": "ill ~ age + sex + bmi"}""");
            network.NoteMemory();
            Console.WriteLine($"{variants} variants, {Sites} sites of {Persons} persons: {elapsed.TotalSeconds:0.0} s, {(network.ProcessorTime - before).TotalSeconds:0.0} s of processor time of all parties together, largest site {network.SitePeak >> 20} MiB, receipt {answer.Receipt.Length >> 20} MiB, λ = {answer.Result.Tables[0].Rows[0].Cells[4].Number:0.000}");
        }
    }

    /// <summary>Two alleles drawn for each person; one genotype in 128 is not known. Returns the panel's digest.</summary>
    private static string Write(string folder, int site, int variants)
    {
        var draw = new Draw(site);
        using (var table = new StreamWriter(Path.Combine(folder, "data.csv")))
        {
            table.WriteLine("id,age,sex,bmi,ill");
            for (var i = 1; i <= Persons; i++)
                table.WriteLine($"p{(site * Persons) + i},{20 + draw.Below(61)},{(draw.Below(2) == 0 ? "f" : "m")},{18 + (draw.Below(1700) / 100m)},{(draw.Below(10) < 3 ? 1 : 0)}");
        }

        File.WriteAllLines(Path.Combine(folder, "array.fam"), Enumerable.Range(1, Persons).Select(i => $"F p{(site * Persons) + i} 0 0 0 -9"));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var bim = new StreamWriter(Path.Combine(folder, "array.bim"));
        using var bed = new FileStream(Path.Combine(folder, "array.bed"), FileMode.Create);
        bed.Write([0x6c, 0x1b, 1]);
        var packed = new byte[(Persons + 3) / 4];
        for (var v = 0; v < variants; v++)
        {
            bim.Write($"{1 + (v * 22 / variants)}\trs{v}\t0\t{1000 + (v * 30)}\tA\tG\n");
            hash.AppendData(Encoding.UTF8.GetBytes($"{1 + (v * 22 / variants)}\t{1000 + (v * 30)}\tA\tG\n"));
            var threshold = (ulong)(10 + (v % 118));
            for (var i = 0; i < packed.Length; i++)
            {
                byte four = 0;
                for (var place = 0; place < 4; place++)
                {
                    var state = draw.Bits();
                    var alleles = ((state & 255) < threshold ? 1 : 0) + (((state >> 8) & 255) < threshold ? 1 : 0);
                    four |= (byte)(((state >> 16) & 127) == 0 ? 1 << (2 * place) : (alleles switch { 2 => 0, 1 => 2, _ => 3 }) << (2 * place));
                }

                packed[i] = four;
            }

            bed.Write(packed);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
