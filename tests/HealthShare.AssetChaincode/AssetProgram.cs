using HealthShare.Chaincode.Shim.Server;
using Microsoft.Extensions.Logging;

namespace HealthShare.AssetChaincode;

/// <summary>The command line: serves peers until a signal comes.</summary>
internal static class AssetProgram
{
    private const string Usage = """
        Usage: asset-chaincode --ccid PACKAGE_ID --address HOST:PORT [--log-level LEVEL]

        A chaincode as a service for tests and benchmarks. What is not given is read from the environment:
        CORE_CHAINCODE_ID_NAME, CHAINCODE_SERVER_ADDRESS, CHAINCODE_TLS_CERT, CHAINCODE_TLS_KEY, CHAINCODE_CLIENT_CA_CERT.
        """;

    private static async Task<int> Main(string[] arguments)
    {
        if (arguments is ["--help" or "-h"])
        {
            Console.WriteLine(Usage);
            return 0;
        }
        try
        {
            var given = Parse(arguments);
            var level = Enum.Parse<LogLevel>(given.GetValueOrDefault("LOG") ?? nameof(LogLevel.Information), ignoreCase: true);
            var options = ChaincodeEnvironment.Read(name => given.GetValueOrDefault(name) ?? Environment.GetEnvironmentVariable(name));
            using var loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(level)
                .AddFilter("Microsoft", LogLevel.Warning).AddSimpleConsole(console => console.SingleLine = true));
            await ChaincodeProgram.RunAsync(AssetContract.CreateChaincode(), options, loggers);
            return 0;
        }
        catch (ArgumentException e)
        {
            await Console.Error.WriteLineAsync($"{e.Message}{Environment.NewLine}{Usage}");
            return 2;
        }
        catch (IOException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    private static Dictionary<string, string> Parse(string[] arguments)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < arguments.Length; i += 2)
        {
            var variable = arguments[i] switch
            {
                "--ccid" or "--package-id" => ChaincodeEnvironment.PackageId,
                "--address" => ChaincodeEnvironment.Address,
                "--log-level" => "LOG",
                var other => throw new ArgumentException($"There is no option '{other}'."),
            };
            given[variable] = i + 1 < arguments.Length ? arguments[i + 1] : throw new ArgumentException($"{arguments[i]} needs a value.");
        }
        return given;
    }
}
