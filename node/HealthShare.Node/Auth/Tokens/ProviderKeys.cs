using System.Text.Json;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Auth.Tokens;

/// <summary>Finds a provider's signing keys.</summary>
internal interface IProviderKeys
{
    /// <summary>The key of this id, or null.</summary>
    Task<SigningKey?> FindAsync(string keyId, CancellationToken ct);
}

/// <summary>
/// The OpenID provider's signing keys, by its discovery document. Looked at again when their time is over, and when a token names a key
/// that is not there, but not more often than the settings let anyone provoke. Thread-safe.
/// </summary>
internal sealed partial class ProviderKeys(
    HttpClient http, IOptions<TokensOptions> options, TimeProvider clock, ILogger<ProviderKeys> logger) : IProviderKeys, IDisposable
{
    private const int MostBytes = 256 * 1024, MostKeys = 64;
    private static readonly TimeSpan KeptWhileAway = TimeSpan.FromHours(24);
    private readonly SemaphoreSlim turn = new(1, 1);
    private volatile State state = new(new Dictionary<string, SigningKey>(), DateTimeOffset.MinValue, DateTimeOffset.MinValue);

    /// <summary>The key of this id, or null where the provider has none, or cannot be asked.</summary>
    public async Task<SigningKey?> FindAsync(string keyId, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (NeedsLook(state, keyId, now))
            await LookAsync(keyId, ct);
        return now - state.ReadAt < KeptWhileAway && state.Keys.TryGetValue(keyId, out var key) ? key : null;
    }

    public void Dispose() => turn.Dispose();

    private bool NeedsLook(State known, string keyId, DateTimeOffset now) => now - known.TriedAt >= options.Value.LookAgainAfter
        && (now - known.ReadAt >= options.Value.KeysFor || !known.Keys.ContainsKey(keyId));

    private async Task LookAsync(string keyId, CancellationToken ct)
    {
        await turn.WaitAsync(ct);
        try
        {
            var now = clock.GetUtcNow();
            if (!NeedsLook(state, keyId, now))
                return; // somebody else has just looked
            state = state with { TriedAt = now };
            // Whoever's token made us look may hang up; the keys are for everybody.
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            state = new State(await ReadAsync(timeout.Token), now, now);
            LogRead(state.Keys.Count);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or InvalidDataException or OperationCanceledException or InvalidOperationException)
        {
            LogFailed(e.Message);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<IReadOnlyDictionary<string, SigningKey>> ReadAsync(CancellationToken ct)
    {
        var issuer = options.Value.Issuer!;
        using var discovery = await GetAsync(new Uri($"{issuer.TrimEnd('/')}/.well-known/openid-configuration"), ct);
        if (TextOf(discovery.RootElement, "issuer") != issuer)
            throw new InvalidDataException("The discovery document is another issuer's.");
        if (!Uri.TryCreate(TextOf(discovery.RootElement, "jwks_uri"), UriKind.Absolute, out var address) || !IsSafe(address))
            throw new InvalidDataException("The discovery document names no https address of keys.");
        using var set = await GetAsync(address, ct);
        return Read(set.RootElement);
    }

    /// <summary>Reads a key set (RFC 7517 section 5); keys for other uses and algorithms are left out.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static IReadOnlyDictionary<string, SigningKey> Read(JsonElement set)
    {
        if (set.ValueKind is not JsonValueKind.Object || !set.TryGetProperty("keys", out var keys) || keys.ValueKind is not JsonValueKind.Array
            || keys.GetArrayLength() > MostKeys)
            throw new InvalidDataException($"The key set holds no list of at most {MostKeys} keys.");
        return keys.EnumerateArray().Select(SigningKey.Read).OfType<SigningKey>()
            .GroupBy(key => key.Id, StringComparer.Ordinal).Where(same => same.Count() == 1) // two keys of one id are no key
            .ToDictionary(same => same.Key, same => same.First(), StringComparer.Ordinal);
    }

    private async Task<JsonDocument> GetAsync(Uri address, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        answer.EnsureSuccessStatusCode();
        await using var stream = await answer.Content.ReadAsStreamAsync(ct);
        var bytes = new byte[MostBytes + 1];
        var length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct);
        if (length > MostBytes)
            throw new InvalidDataException($"'{address.AbsolutePath}' has more than {MostBytes} bytes.");
        return JsonDocument.Parse(bytes.AsMemory(0, length), new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 16 });
    }

    /// <summary>True for https, and for http on the loopback interface.</summary>
    public static bool IsSafe(Uri address) =>
        address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback);

    private static string? TextOf(JsonElement root, string name) => root.ValueKind is JsonValueKind.Object
        && root.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    [LoggerMessage(3320, LogLevel.Information, "The OpenID provider has {Count} keys.")]
    private partial void LogRead(int count);

    [LoggerMessage(3321, LogLevel.Warning, "The OpenID provider's keys could not be read. {Reason}")]
    private partial void LogFailed(string reason);

    private sealed record State(IReadOnlyDictionary<string, SigningKey> Keys, DateTimeOffset ReadAt, DateTimeOffset TriedAt);
}
