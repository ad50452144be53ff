using System.CommandLine;
using HealthShare.Chaincode.Shim.Server;

namespace HealthShare.Chaincode.Host;

/// <summary>Asks a running service for its health, where an image holds no program that could.</summary>
internal static class HealthCommand
{
    public static Command Create(Func<string, string?> environment)
    {
        var address = new Option<string?>("--health-address")
        {
            HelpName = ChaincodeEnvironment.HealthAddress, Description = "Where the service offers its health, host:port.",
        };
        var timeout = new Option<int>("--timeout") { Description = "Longest wait in seconds, 1 to 60.", DefaultValueFactory = _ => 5 };
        var command = new Command("health", "Asks the running service for its health; exits 1 when it is not healthy or does not answer.")
        {
            address, timeout,
        };
        command.SetAction(async (parsed, ct) =>
        {
            var asked = parsed.GetValue(address) ?? environment(ChaincodeEnvironment.HealthAddress)
                ?? throw new ArgumentException($"No address: give --health-address or set {ChaincodeEnvironment.HealthAddress}.");
            if (parsed.GetValue(timeout) is not (>= 1 and <= 60) and var seconds)
                throw new ArgumentException($"--timeout is {seconds}; expected 1 to 60.");
            return await AskAsync(asked, TimeSpan.FromSeconds(parsed.GetValue(timeout)), parsed.InvocationConfiguration, ct);
        });
        return command;
    }

    private static async Task<int> AskAsync(string address, TimeSpan limit, InvocationConfiguration to, CancellationToken ct)
    {
        // A service that listens on every address is asked on this machine's own.
        var target = address.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal);
        if (!Uri.TryCreate($"http://{(target.StartsWith(':') ? "127.0.0.1" : "")}{target}/healthz", UriKind.Absolute, out var uri))
            throw new ArgumentException($"The health address '{address}' is not of the form host:port.");
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = limit };
        try
        {
            using var answer = await http.GetAsync(uri, ct);
            await to.Output.WriteLineAsync(await answer.Content.ReadAsStringAsync(ct));
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !ct.IsCancellationRequested))
        {
            await to.Error.WriteLineAsync($"No answer from {uri}: {e.Message}");
            return 1;
        }
    }
}
