using System.Reflection;
using BenchmarkDotNet.Running;

// dotnet run -c Release --project bench/Encode -- --filter '*'
BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
