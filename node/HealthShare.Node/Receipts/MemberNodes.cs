using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using HealthShare.Node.Hosting;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Receipts;

/// <summary>Asks other members' nodes for their signatures. They are held against the channel's configuration before anybody relies on them.</summary>
internal sealed partial class MemberNodes : IDisposable
{
    private const int MaxAnswerBytes = 64 * 1024;
    private readonly List<(string MspId, HttpClient Http)> nodes = [];
    private readonly TimeSpan patience;
    private readonly ILogger<MemberNodes> log;

    /// <exception cref="NodeStartException">An address or a file in the settings is wrong.</exception>
    public MemberNodes(IOptions<ReceiptsOptions> options, IOptions<NodeOptions> own, ILogger<MemberNodes> logger)
    {
        (patience, log) = (options.Value.Patience, logger);
        foreach (var node in options.Value.Nodes.Where(node => node.MspId != own.Value.MspId))
        {
            if (node.Url is not { IsAbsoluteUri: true, Scheme: "http" or "https" } url)
                throw new NodeStartException($"HealthShare:Receipts:Nodes: the address of {node.MspId} is no http or https address.");
            nodes.Add((node.MspId, new HttpClient(HandlerOf(node))
            {
                BaseAddress = url, Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = MaxAnswerBytes,
            }));
        }
    }

    /// <summary>The first signature that holds, and whether some node answered that it does not know the transaction yet.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="holds">True for a signature that can be relied on.</param>
    /// <param name="ct">Stops the wait.</param>
    public async Task<(ReceiptSignature? Signature, bool IsPending)> AskAsync(
        ReceiptQuestion question, Func<ReceiptSignature, bool> holds, CancellationToken ct)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(ct);
        enough.CancelAfter(patience);
        var asked = nodes.ConvertAll(node => AskAsync(node.MspId, node.Http, question, enough.Token));
        var pending = false;
        ReceiptSignature? found = null;
        while (asked.Count > 0 && found is null)
        {
            var next = await Task.WhenAny(asked);
            asked.Remove(next);
            var (signature, isPending) = await next;
            pending |= isPending;
            if (signature is not null && holds(signature))
                found = signature;
        }
        await enough.CancelAsync();
        await Task.WhenAll(asked);
        ct.ThrowIfCancellationRequested();
        return (found, pending);
    }

    public void Dispose() => nodes.ForEach(node => node.Http.Dispose());

    private async Task<(ReceiptSignature? Signature, bool IsPending)> AskAsync(
        string mspId, HttpClient http, ReceiptQuestion question, CancellationToken ct)
    {
        try
        {
            using var body = new StringContent(JsonSerializer.Serialize(question, ReceiptJson.Default.ReceiptQuestion), null, "application/json");
            using var answer = await http.PostAsync(new Uri(ReceiptEndpoints.SignaturesPath, UriKind.Relative), body, ct);
            if (answer.StatusCode is not HttpStatusCode.OK)
            {
                LogRefused(mspId, (int)answer.StatusCode);
                return (null, answer.StatusCode is HttpStatusCode.Accepted);
            }
            var signature = JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(ct), ReceiptJson.Default.ReceiptSignature);
            return (signature?.Member == mspId ? signature : null, false);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or OperationCanceledException)
        {
            if (!ct.IsCancellationRequested)
                LogAway(mspId, e.GetType().Name);
            return (null, false);
        }
    }

    private static SocketsHttpHandler HandlerOf(MemberNode node)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(10) };
        if (node.CaFile is not { } file)
            return handler;
        try
        {
            var trusted = new X509Certificate2Collection();
            trusted.ImportFromPemFile(file);
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck,
            };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(trusted);
            return handler;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new NodeStartException($"HealthShare:Receipts:Nodes: the authorities for {node.MspId} cannot be read: {e.Message}", e);
        }
    }

    [LoggerMessage(3801, LogLevel.Information, "The node of {MspId} does not sign a receipt: it answers {Status}.")]
    private partial void LogRefused(string mspId, int status);

    [LoggerMessage(3802, LogLevel.Warning, "The node of {MspId} cannot be asked for its signature: {Kind}.")]
    private partial void LogAway(string mspId, string kind);
}
