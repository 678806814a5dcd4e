// Whole questions over a network of real processes, from the signed request to the verified result with its receipt.
// dotnet run -c Release --project bench/Processes -- fits | scan [variants] | programme | rounds | model [millions of weights]
using Consilience.Processes.Benchmarks;

var root = Directory.CreateTempSubdirectory("consilience-bench-").FullName;
Console.WriteLine($"{Environment.ProcessorCount} cores, load {(File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown")} before");
try
{
    await (args is ["scan", ..] ? Scan.RunAsync(root, args.Length > 1 ? int.Parse(args[1]) : 100_000) : args is ["programme"] ? WilmsProgramme.RunAsync(root) : args is ["model", ..] ? LargeModel.RunAsync(root, args.Length > 1 ? int.Parse(args[1]) : 100) : args is ["rounds"] ? Rounds.RunAsync(root) : Fits.RunAsync(root));
}
finally
{
    Directory.Delete(root, recursive: true);
}
