using Dapper;
using HealthShare.Node.Database;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Database;

/// <summary>What was told to be written is on the server's disk, whatever the server or the role says.</summary>
public sealed class PostgresDurabilityTests
{
    [PostgresFact]
    public async Task A_commit_waits_for_the_disk_where_the_role_says_it_need_not_and_nothing_stricter_is_taken_back()
    {
        foreach (var (said, wanted) in new[] { ("off", "on"), ("on", "on"), ("local", "local"), ("remote_apply", "remote_apply") })
        {
            await using var database = new PostgresDatabase($"{PostgresFactAttribute.ConnectionString};Options=-c synchronous_commit={said}");
            for (var i = 0; i < 2; i++) // a connection of the pool, used again
            {
                Assert.Equal(wanted, await database.WriteAsync(
                    transaction => transaction.Connection!.ExecuteScalarAsync<string>("SHOW synchronous_commit", transaction: transaction), default));
            }
            await using var reading = await database.OpenAsync(default);
            Assert.Equal(said, await reading.ExecuteScalarAsync<string>("SHOW synchronous_commit"));
        }
    }
}
