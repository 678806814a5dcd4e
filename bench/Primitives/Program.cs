using System.Reflection;
using BenchmarkDotNet.Running;

// dotnet run -c Release --project bench/Primitives -- --filter '*'
BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
