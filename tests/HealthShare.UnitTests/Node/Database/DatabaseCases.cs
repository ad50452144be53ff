using Dapper;
using HealthShare.Node;
using HealthShare.Node.Database;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Database;

/// <summary>What both databases must do; the same cases run on each.</summary>
public abstract class DatabaseCases
{
    private static readonly Migration Pets = new(9001, "pets", "CREATE TABLE pet (id ${identity}, name TEXT NOT NULL, picture ${blob})");
    private static readonly Migration Owners = new(9002, "owners", "CREATE TABLE owner (id BIGINT PRIMARY KEY)");

    private protected abstract DatabaseProvider Provider { get; }

    private protected async Task Migrations_apply_once_and_in_order()
    {
        await using var test = await TestDatabase.CreateAsync(Provider, migrate: false);
        var migrator = new Migrator(test.Instance, TimeProvider.System);
        Assert.Equal(1, await migrator.ApplyAsync([Pets], default));
        Assert.Equal(1, await migrator.ApplyAsync([Pets, Owners], default));
        Assert.Equal(0, await migrator.ApplyAsync([Pets, Owners], default));
    }

    private protected async Task A_newer_schema_is_refused_and_left_alone()
    {
        await using var test = await TestDatabase.CreateAsync(Provider, migrate: false);
        var migrator = new Migrator(test.Instance, TimeProvider.System);
        await migrator.ApplyAsync([Pets, Owners], default);
        var refusal = await Assert.ThrowsAsync<NodeStartException>(() => migrator.ApplyAsync([Pets], default));
        Assert.Contains("9002", refusal.Message, StringComparison.Ordinal);
    }

    private protected async Task A_failing_migration_leaves_nothing_behind()
    {
        await using var test = await TestDatabase.CreateAsync(Provider, migrate: false);
        var migrator = new Migrator(test.Instance, TimeProvider.System);
        await Assert.ThrowsAnyAsync<Exception>(() => migrator.ApplyAsync([Pets, new Migration(9003, "bad", "CREATE TABLE pet (x")], default));
        Assert.Equal(1, await migrator.ApplyAsync([Pets], default));
    }

    private protected async Task The_nodes_own_migrations_apply()
    {
        await using var test = await TestDatabase.CreateAsync(Provider);
        Assert.Equal(0, await new Migrator(test.Instance, TimeProvider.System).ApplyAsync(default));
    }

    private protected async Task Work_that_throws_is_rolled_back()
    {
        await using var test = await TestDatabase.CreateAsync(Provider, migrate: false);
        await new Migrator(test.Instance, TimeProvider.System).ApplyAsync([Pets], default);
        await Assert.ThrowsAsync<InvalidOperationException>(() => test.Instance.WriteAsync(async t =>
        {
            await t.Connection!.ExecuteAsync("INSERT INTO pet (name) VALUES ('Rex')", transaction: t);
            throw new InvalidOperationException();
        }, default));
        Assert.Equal(0, await CountAsync(test));
    }

    private protected async Task Concurrent_writers_all_succeed_and_survive_a_restart()
    {
        await using var test = await TestDatabase.CreateAsync(Provider, migrate: false);
        await new Migrator(test.Instance, TimeProvider.System).ApplyAsync([Pets], default);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => test.Instance.WriteAsync(
            t => t.Connection!.ExecuteAsync("INSERT INTO pet (name, picture) VALUES (@name, @picture)",
                new { name = $"pet {i}", picture = new byte[] { (byte)i } }, t), default))));
        await test.ReopenAsync();
        Assert.Equal(20, await CountAsync(test));
    }

    private static async Task<long> CountAsync(TestDatabase test)
    {
        await using var connection = await test.Instance.OpenAsync(default);
        return await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM pet");
    }
}

public sealed class SqliteDatabaseTests : DatabaseCases
{
    private protected override DatabaseProvider Provider => DatabaseProvider.Sqlite;

    [Fact] public Task Sqlite_applies_migrations_once_and_in_order() => Migrations_apply_once_and_in_order();
    [Fact] public Task Sqlite_refuses_a_newer_schema() => A_newer_schema_is_refused_and_left_alone();
    [Fact] public Task Sqlite_undoes_a_failing_migration() => A_failing_migration_leaves_nothing_behind();
    [Fact] public Task Sqlite_takes_the_nodes_own_migrations() => The_nodes_own_migrations_apply();
    [Fact] public Task Sqlite_rolls_back_work_that_throws() => Work_that_throws_is_rolled_back();
    [Fact] public Task Sqlite_keeps_what_concurrent_writers_wrote() => Concurrent_writers_all_succeed_and_survive_a_restart();
}

public sealed class PostgresDatabaseTests : DatabaseCases
{
    private protected override DatabaseProvider Provider => DatabaseProvider.Postgresql;

    [PostgresFact] public Task Postgres_applies_migrations_once_and_in_order() => Migrations_apply_once_and_in_order();
    [PostgresFact] public Task Postgres_refuses_a_newer_schema() => A_newer_schema_is_refused_and_left_alone();
    [PostgresFact] public Task Postgres_undoes_a_failing_migration() => A_failing_migration_leaves_nothing_behind();
    [PostgresFact] public Task Postgres_takes_the_nodes_own_migrations() => The_nodes_own_migrations_apply();
    [PostgresFact] public Task Postgres_rolls_back_work_that_throws() => Work_that_throws_is_rolled_back();
    [PostgresFact] public Task Postgres_keeps_what_concurrent_writers_wrote() => Concurrent_writers_all_succeed_and_survive_a_restart();
}
