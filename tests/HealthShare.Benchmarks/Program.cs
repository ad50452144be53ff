using HealthShare.Benchmarks;

return await BenchmarkCommandLine.RunAsync(args);
