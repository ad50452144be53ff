using Dapper;
using HealthShare.Node.Database;
using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Ipfs;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace HealthShare.Node.Health;

/// <summary>Ready only while the content store holds the record that was sealed last.</summary>
internal sealed class ContentCheck(IDatabase database, IContentStore store) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var newest = await connection.QueryFirstOrDefaultAsync<string>(new CommandDefinition(
            "SELECT cid FROM sealed_record ORDER BY sealed_at DESC LIMIT 1", cancellationToken: cancellationToken));
        try
        {
            // Asked also while nothing was sealed: a daemon that is away must show before the first message fails.
            var isThere = await store.HasAsync(newest is null ? Cid.Of(CidCodec.Raw, []) : Cid.Parse(newest), cancellationToken);
            return newest is null || isThere
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy("the record sealed last is not in the store");
        }
        catch (IpfsException)
        {
            return HealthCheckResult.Unhealthy("the content store cannot be reached");
        }
    }
}
