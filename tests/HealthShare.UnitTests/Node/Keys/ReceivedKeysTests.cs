using System.Security.Cryptography;
using Dapper;
using HealthShare.Node.Database;
using HealthShare.Node.Keys;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Keys;

public sealed class ReceivedKeysTests
{
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);
    private static readonly byte[] Salt = RandomNumberGenerator.GetBytes(16);

    public static TheoryData<DatabaseProvider> Providers => KeyedNode.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_key_is_given_out_until_its_decision_ends_and_not_a_moment_longer(DatabaseProvider provider)
    {
        await using var node = await KeyedNode.StartAsync(provider);
        var end = node.Clock.Now.AddHours(1);
        await KeepAsync(node, "ac-1", "rc-1", notAfter: end);
        await KeepAsync(node, "ac-1", "rc-1", notAfter: end.AddDays(1)); // delivered twice: the first stays
        await node.RestartAsync();
        node.Clock.Now = end.AddMilliseconds(-1);
        var found = await node.ReceivedKeys.FindAsync("ac-1", "rc-1", default);
        Assert.Equal(Key, found!.Value.Key.Bytes.ToArray());
        Assert.Equal(Salt, found.Value.Salt);
        Assert.Equal(0, await node.ReceivedKeys.DeleteExpiredAsync(default));

        node.Clock.Now = end;
        Assert.Null(await node.ReceivedKeys.FindAsync("ac-1", "rc-1", default));
        Assert.Equal(1, await node.ReceivedKeys.DeleteExpiredAsync(default));
        Assert.Equal(0, await CountAsync(node));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Every_key_of_one_patient_goes_at_once(DatabaseProvider provider)
    {
        await using var node = await KeyedNode.StartAsync(provider);
        await KeepAsync(node, "ac-1", "rc-1", patient: "pt-1");
        await KeepAsync(node, "ac-2", "rc-2", patient: "pt-1");
        await KeepAsync(node, "ac-3", "rc-3", patient: "pt-2");
        await node.Database.WriteAsync(transaction => ReceivedKeys.DeleteByPatientAsync(transaction, "pt-1", default), default);
        Assert.NotNull(await node.ReceivedKeys.FindAsync("ac-3", "rc-3", default));
        Assert.Equal(1, await CountAsync(node));
    }

    private static Task KeepAsync(KeyedNode node, string access, string record, string patient = "pt-1", string? statement = "st-1",
        DateTimeOffset? notAfter = null) => node.ReceivedKeys.KeepAsync(
            new ReceivedKey(access, record, patient, statement, notAfter ?? node.Clock.Now.AddHours(24)), Key, Salt, default);

    /// <summary>Rows of both tables: a key without its row, or the reverse, would be left behind.</summary>
    private static async Task<long> CountAsync(KeyedNode node)
    {
        await using var connection = await node.Database.OpenAsync(default);
        var secrets = await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM secret WHERE purpose = 'received-key'");
        Assert.Equal(secrets, await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM received_key"));
        return secrets;
    }
}
