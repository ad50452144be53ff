using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using HealthShare.Node.Database;
using HealthShare.Vault;
using HealthShare.Vault.Keys;
using HealthShare.Vault.Sealing;

namespace HealthShare.Node.Keys;

/// <summary>The node's own keys. They are opened, and at the first start made, before the node begins to serve.</summary>
public sealed partial class NodeKeys : IHostedService, IDisposable
{
    private const string RootId = "node";

    private readonly MasterKeySource masterKeys;
    private readonly IDatabase database;
    private readonly TimeProvider clock;
    private readonly ILogger<NodeKeys> logger;
    private readonly Dictionary<string, SealingKeyPair> sealingKeys = new(StringComparer.Ordinal);
    private SecretStore? secrets;
    private SecretKey? root;
    private SealingKeyPair? sealing;

    internal NodeKeys(MasterKeySource masterKeys, IDatabase database, TimeProvider clock, ILogger<NodeKeys> logger) =>
        (this.masterKeys, this.database, this.clock, this.logger) = (masterKeys, database, clock, logger);

    /// <summary>The sealing key that others seal envelopes for this node with: key id and wire form.</summary>
    /// <exception cref="InvalidOperationException">The node has not started.</exception>
    public SealingPublicKey SealingKey => (sealing ?? throw NotStarted()).Public;

    internal SecretStore Secrets => secrets ?? throw NotStarted();

    /// <summary>A key of this node for one use; the same at every start and after a rotation of the master key.</summary>
    /// <param name="label">Names the use, such as <c>record-id</c> or <c>journal</c>.</param>
    /// <exception cref="InvalidOperationException">The node has not started.</exception>
    public SecretKey Subkey(string label) => (root ?? throw NotStarted()).Derive(label);

    /// <summary>Opens an envelope for any sealing key that this node has had.</summary>
    /// <inheritdoc cref="KeyEnvelope.Open" path="/param[@name='envelope' or @name='info']|/exception"/>
    /// <exception cref="InvalidOperationException">The node has not started.</exception>
    public IReadOnlyList<EnvelopeKey> Open(ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> info)
    {
        var keyId = KeyEnvelope.KeyIdOf(envelope);
        _ = sealing ?? throw NotStarted();
        return sealingKeys.TryGetValue(keyId, out var pair)
            ? KeyEnvelope.Open(envelope, pair, info)
            : throw new VaultException("envelope.other_key", "The envelope is sealed for a key that this node never had.");
    }

    /// <summary>Makes another sealing key, which is the newest from now on. Those before stay, for what is sealed to them.</summary>
    /// <exception cref="InvalidOperationException">The node's keys are not opened.</exception>
    internal async Task AddSealingKeyAsync(CancellationToken ct)
    {
        _ = sealing ?? throw NotStarted();
        var pair = SealingKeyPair.Create();
        await database.WriteAsync(transaction => KeepAsync(transaction, pair), ct);
        sealingKeys[pair.Public.KeyId] = sealing = pair;
    }

    /// <summary>Opens the master key, then the node's own keys.</summary>
    /// <exception cref="NodeStartException">A key is missing or does not open.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        secrets = new SecretStore(database, await masterKeys.OpenAsync(cancellationToken), clock);
        try
        {
            if (await secrets.RewrapAsync(cancellationToken) is > 0 and var rewrapped)
                LogRewrapped(rewrapped, secrets.Wrapper.CurrentKeyId);
            await MakeMissingAsync(cancellationToken);
            root = await secrets.FindKeyAsync(SecretPurpose.Root, RootId, cancellationToken);
            await LoadSealingKeysAsync(cancellationToken);
            LogOpened(secrets.Wrapper.CurrentKeyId, SealingKey.KeyId);
        }
        catch (VaultException e)
        {
            throw new NodeStartException($"The node's keys do not open: {e.Message}", e);
        }
    }

    /// <summary>Nothing to stop; keys stay until the node is disposed.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose()
    {
        root?.Dispose();
        foreach (var pair in sealingKeys.Values)
            pair.Dispose();
        secrets?.Wrapper.Dispose();
    }

    private Task MakeMissingAsync(CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        using var fresh = SecretKey.Create();
        if (!await Secrets.AddAsync(transaction, SecretPurpose.Root, RootId, fresh.Bytes))
            return; // the sealing key was made together with it
        using var pair = SealingKeyPair.Create();
        await KeepAsync(transaction, pair);
    }, ct);

    private async Task KeepAsync(DbTransaction transaction, SealingKeyPair pair)
    {
        var scalar = pair.ExportPrivate();
        await Secrets.AddAsync(transaction, SecretPurpose.SealingKey, pair.Public.KeyId, scalar);
        CryptographicOperations.ZeroMemory(scalar);
    }

    private async Task LoadSealingKeysAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var ids = await connection.QueryAsync<string>(new CommandDefinition(
            "SELECT id FROM secret WHERE purpose = @purpose ORDER BY made_at, id", new { purpose = SecretPurpose.SealingKey }, cancellationToken: ct));
        foreach (var id in ids)
        {
            using var scalar = await Secrets.FindKeyAsync(SecretPurpose.SealingKey, id, ct);
            sealingKeys[id] = sealing = SealingKeyPair.Import(scalar!.Bytes); // the newest is the one others are told
        }
    }

    private static InvalidOperationException NotStarted() => new("The node's keys are opened when it starts.");

    [LoggerMessage(2201, LogLevel.Information, "Keys opened with master key {MasterKeyId}; sealing key {SealingKeyId}.")]
    private partial void LogOpened(string masterKeyId, string sealingKeyId);

    [LoggerMessage(2202, LogLevel.Information, "{Count} secrets were wrapped anew with master key {MasterKeyId}.")]
    private partial void LogRewrapped(int count, string masterKeyId);
}
