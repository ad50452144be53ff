using HealthShare.Chaincode;
using HealthShare.Chaincode.Host;

return await CommandLine.RunAsync(
    ContractCatalog.CreateRouter(TimeProvider.System), args, Environment.GetEnvironmentVariable, Console.Out, Console.Error);
