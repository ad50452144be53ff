using Dapper;
using HealthShare.Node.Database;
using HealthShare.Node.Hosting;
using HealthShare.Vault;
using HealthShare.Vault.Keys;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Keys;

/// <summary>Finds the master key where the settings say, or makes it at the very first start.</summary>
internal sealed class MasterKeySource(IOptions<KeysOptions> options, IOptions<NodeOptions> node, IDatabase database)
{
    /// <summary>Opens the master keys; the schema must stand already.</summary>
    /// <exception cref="NodeStartException">There is no usable master key.</exception>
    public async Task<KeyWrapper> OpenAsync(CancellationToken ct)
    {
        try
        {
            var current = await CurrentAsync(ct);
            return new KeyWrapper(current, [.. options.Value.PreviousMasterKeyFiles.Select(MasterKey.FromFile)]);
        }
        catch (Exception e) when (e is VaultException or IOException or UnauthorizedAccessException)
        {
            throw new NodeStartException($"HealthShare:Keys: {e.Message}", e);
        }
    }

    private async Task<MasterKey> CurrentAsync(CancellationToken ct)
    {
        if (options.Value.MasterKeyVariable is { Length: > 0 } variable)
            return MasterKey.FromEnvironment(variable);
        var file = options.Value.MasterKeyFile is { Length: > 0 } named ? named : Path.Combine(node.Value.DataFolder, "master.key");
        if (File.Exists(file) || !options.Value.CreateMasterKey)
            return MasterKey.FromFile(file);
        await using var connection = await database.OpenAsync(ct);
        if (await connection.ExecuteScalarAsync<long>(new CommandDefinition("SELECT count(*) FROM secret", cancellationToken: ct)) > 0)
        {
            throw new NodeStartException($"The master key file '{file}' is gone, but the database holds keys that it wrapped. "
                + "Put it back from its backup; a new one would open none of them.");
        }
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        return MasterKey.CreateFile(file);
    }
}
