using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using HealthShare.Sandbox.Ipfs;
using HealthShare.Vault.Content;

namespace HealthShare.IntegrationTests.Ipfs;

/// <summary>The daemon's own interface without any code of the node between.</summary>
internal sealed class RawRpc(IpfsDaemon daemon) : IDisposable
{
    private readonly HttpClient http = IpfsDaemon.NewClient();

    public async Task<Cid> AddAsync(Stream content, int chunkSize = 1024 * 1024)
    {
        using var part = new StreamContent(content);
        part.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var form = new MultipartFormDataContent { { part, "file", "content" } };
        var added = await SendAsync(
            $"add?cid-version=1&raw-leaves=true&hash=sha2-256&chunker=size-{chunkSize}&cid-base=base32&pin=true&wrap-with-directory=false",
            form);
        var last = added.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        return Cid.Parse(JsonNode.Parse(last)!["Hash"]!.GetValue<string>());
    }

    public async Task<byte[]> CatAsync(Cid cid)
    {
        using var answer = await http.PostAsync(Address($"cat?arg={cid}"), content: null);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsByteArrayAsync();
    }

    public async Task<IReadOnlySet<Cid>> PinsAsync()
    {
        var listed = JsonNode.Parse(await SendAsync("pin/ls?type=recursive&cid-base=base32"))!["Keys"]!.AsObject();
        return listed.Select(pin => Cid.Parse(pin.Key)).ToHashSet();
    }

    public async Task<int> PeerCountAsync() =>
        JsonNode.Parse(await SendAsync("swarm/peers"))!["Peers"] is JsonArray peers ? peers.Count : 0;

    /// <summary>A block as it stands on this daemon's disk; null where it has none.</summary>
    public async Task<byte[]?> HeldBlockAsync(Cid cid)
    {
        using var answer = await http.GetAsync(new Uri(daemon.Addresses.Gateway, $"/ipfs/{cid}?format=raw"));
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return null;
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsByteArrayAsync();
    }

    public async Task<HttpStatusCode> GatewayStatusAsync(string pathAndQuery, HttpMethod method)
    {
        using var request = new HttpRequestMessage(method, new Uri(daemon.Addresses.Gateway, pathAndQuery));
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    public void Dispose() => http.Dispose();

    private async Task<string> SendAsync(string call, HttpContent? content = null)
    {
        using var answer = await http.PostAsync(Address(call), content);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsStringAsync();
    }

    private Uri Address(string call) => new(daemon.Addresses.Rpc, $"/api/v0/{call}");
}
