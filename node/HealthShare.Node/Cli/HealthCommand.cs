using System.CommandLine;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HealthShare.Node.Hosting;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Cli;

/// <summary>
/// <c>healthshare health</c>: asks the node that runs on this machine with these settings how it is. For supervisors and
/// containers, which have no HTTP client of their own.
/// </summary>
internal static class HealthCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    public static Command Create()
    {
        var config = NodeSettings.ConfigOption();
        var live = new Option<bool>("--live") { Description = "Ask only whether the node serves, not whether it is ready." };
        var command = new Command("health", "Ask the node that runs here whether it is ready: exit status 0 when it is, else 1.") { config, live };
        command.SetAction((parsed, ct) => NodeSettings.WithAsync(
            parsed.GetValue(config), parsed.InvocationConfiguration.Error, settings => AskAsync(
                settings, parsed.GetValue(live), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, ct)));
        return command;
    }

    private static async Task<int> AskAsync(IConfiguration settings, bool live, TextWriter output, TextWriter error, CancellationToken ct)
    {
        var http = settings.GetSection("HealthShare:Http").Get<HttpOptions>() ?? new HttpOptions();
        if (new HttpOptionsValidator().Validate(null, http) is { Failed: true, Failures: { } failures })
            throw new OptionsValidationException("Http", typeof(HttpOptions), failures.Select(failure => $"HealthShare:Http: {failure}"));
        using var handler = new SocketsHttpHandler { UseProxy = false };
        if (http is { Url.Scheme: "https", CertificateFile: { } file })
            handler.SslOptions = Pinned(file);
        using var client = new HttpClient(handler) { BaseAddress = Near(http.Url), Timeout = Patience };
        try
        {
            using var answer = await client.GetAsync(new Uri(live ? "/health/live" : "/health/ready", UriKind.Relative), ct);
            await output.WriteLineAsync(await answer.Content.ReadAsStringAsync(ct));
            return answer.IsSuccessStatusCode ? NodeCommandLine.Success : NodeCommandLine.Failure;
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            await error.WriteLineAsync($"No node answers at {client.BaseAddress}: {e.Message}");
            return NodeCommandLine.Failure;
        }
    }

    // What listens on any address, or under a name, is asked on the loopback interface.
    private static Uri Near(Uri url) => IPAddress.TryParse(url.DnsSafeHost, out var address) && !IsAny(address)
        ? url
        : new UriBuilder(url)
        {
            Host = (address?.AddressFamily is AddressFamily.InterNetworkV6 ? IPAddress.IPv6Loopback : IPAddress.Loopback).ToString(),
        }.Uri;

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    // The certificate names the hospital, not the loopback address: it must be the very one that the node was given.
    private static SslClientAuthenticationOptions Pinned(string certificateFile)
    {
        try
        {
            using var expected = X509Certificate2.CreateFromPem(File.ReadAllText(certificateFile));
            var hash = expected.GetCertHash(HashAlgorithmName.SHA256);
            return new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, shown, _, _) =>
                    shown is not null && CryptographicOperations.FixedTimeEquals(shown.GetCertHash(HashAlgorithmName.SHA256), hash),
            };
        }
        catch (Exception e) when (e is CryptographicException or UnauthorizedAccessException)
        {
            throw new NodeStartException($"HealthShare:Http:CertificateFile: {e.Message}", e);
        }
    }
}
