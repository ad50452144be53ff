using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using HealthShare.Chaincode.Shim;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.IntegrationTests.Support;
using static HealthShare.IntegrationTests.Fabric.AssetChannel;

namespace HealthShare.IntegrationTests.Fabric;

/// <summary>The collections of <c>collections.json</c>: North and South are their members, East is not.</summary>
[Collection(AssetCollection.Name)]
public sealed class CollectionTests(AssetChannel channel)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    [CollectionFact]
    public async Task A_value_is_with_every_member_and_its_hash_with_everyone()
    {
        var key = NewKey();
        await channel.SubmitAsync(channel.North, Put("shared", key, "for two", channel.North, channel.South));
        foreach (var member in new[] { channel.North, channel.South })
        {
            await channel.EventuallyAsync(member, "for two", Call("getPrivate", "shared", key) with { Organizations = [member] });
            Assert.Equal(1, Rows(await channel.As(member).EvaluateAsync(Call("rangePrivate", "shared", key, $"{key}~") with { Organizations = [member] })));
        }
        await channel.EventuallyAsync(channel.East, Convert.ToHexStringLower(SHA256.HashData("for two"u8)),
            Call("getPrivateHash", "shared", key) with { Organizations = [channel.East] });
        Assert.Equal(0, Rows(await channel.As(channel.East).EvaluateAsync(Call("rangePrivate", "shared", key, $"{key}~") with { Organizations = [channel.East] })));
        var elsewhere = await Assert.ThrowsAsync<LedgerException>(
            () => channel.As(channel.East).EvaluateAsync(Call("getPrivate", "shared", key) with { Organizations = [channel.East] }));
        Assert.Equal(ShimCodes.LedgerRefused, elsewhere.Code);

        await channel.SubmitAsync(channel.North, Call("delPrivate", "shared", key) with { Organizations = [channel.North, channel.South] });
        await channel.EventuallyAsync(channel.South, "", Call("getPrivate", "shared", key) with { Organizations = [channel.South] });
        await channel.SubmitAsync(channel.North, Call("purgePrivate", "shared", key) with { Organizations = [channel.North, channel.South] });
    }

    [CollectionFact]
    public async Task A_closed_collection_refuses_clients_of_others()
    {
        var key = NewKey();
        await channel.SubmitAsync(channel.South, Put("closed", key, "members only", channel.North, channel.South));
        var read = Call("getPrivate", "closed", key) with { Organizations = [channel.North] };
        await channel.EventuallyAsync(channel.South, "members only", read);

        var unread = await Assert.ThrowsAsync<LedgerException>(() => channel.As(channel.East).EvaluateAsync(read));
        Assert.Equal(ShimCodes.LedgerRefused, unread.Code);
        var unwritten = await Assert.ThrowsAsync<LedgerException>(
            () => channel.SubmitAsync(channel.East, Put("closed", key, "mine", channel.North, channel.South)));
        Assert.Equal((LedgerStage.Endorse, ShimCodes.LedgerRefused), (unwritten.Stage, unwritten.Code));
        await channel.SubmitAsync(channel.East, Put("shared", key, "anyone's", channel.North, channel.South));
    }

    [CollectionFact]
    public async Task A_collection_says_who_endorses_its_writes()
    {
        var without = await Assert.ThrowsAsync<LedgerException>(
            () => channel.SubmitAsync(channel.North, Put("southern", NewKey(), "x", channel.North, channel.East)));
        Assert.Equal(TxValidationCode.EndorsementPolicyFailure, without.ValidationCode);
        await channel.SubmitAsync(channel.North, Put("southern", NewKey(), "x", channel.South));
        var alone = await Assert.ThrowsAsync<LedgerException>(() => channel.SubmitAsync(channel.North, Put("shared", NewKey(), "x", channel.North)));
        Assert.Equal(TxValidationCode.EndorsementPolicyFailure, alone.ValidationCode);
    }

    [CollectionFact]
    public async Task A_value_and_its_hash_go_when_their_blocks_are_over()
    {
        var key = NewKey();
        await channel.SubmitAsync(channel.North, Put("brief", key, "soon gone", channel.North, channel.South));
        for (var i = 0; i < 3; i++)
            await channel.SubmitAsync(channel.North, Call("put", key, $"{i}"));
        await channel.EventuallyAsync(channel.North, "", Call("getPrivate", "brief", key) with { Organizations = [channel.North] });
        await channel.EventuallyAsync(channel.East, "", Call("getPrivateHash", "brief", key) with { Organizations = [channel.East] });
    }

    [CollectionFact]
    public async Task Peers_of_members_deliver_values_and_those_of_a_closed_collection_to_members_alone()
    {
        var (key, start) = (NewKey(), (await channel.As(channel.North).GetChainInfoAsync()).Height);
        var open = await channel.SubmitAsync(channel.North, Put("shared", key, "open", channel.North, channel.South));
        var closed = await channel.SubmitAsync(channel.North, Put("closed", key, "closed", channel.North, channel.South));
        foreach (var member in new[] { channel.North, channel.South })
            Assert.Equal(["open", "closed"], await DeliveredAsync(channel.As(member), start, closed.BlockNumber, key));
        Assert.Empty(await DeliveredAsync(channel.As(channel.East), start, closed.BlockNumber, key));

        // A client of East that goes to South's peer, which has both values.
        var south = channel.Profile.Organization(channel.South);
        using var identity = channel.Profile.Organization(channel.East).LoadIdentity("User1");
        await using var guest = GatewayClient.Connect([.. south.Peers.Select(peer => GatewayEndpoint.From(peer, channel.South))], identity, channel.Profile.Channel,
            Patient.Options);
        Assert.Equal(["open"], await DeliveredAsync(guest, start, closed.BlockNumber, key));
        Assert.True(open.BlockNumber <= closed.BlockNumber);
    }

    [CollectionFact]
    public async Task Values_of_a_transaction_that_failed_at_commit_are_kept_and_no_key_has_them()
    {
        var (key, start) = (NewKey(), (await channel.As(channel.North).GetChainInfoAsync()).Height);
        await Assert.ThrowsAsync<LedgerException>(() => channel.SubmitAsync(channel.North, Put("southern", key, "in vain", channel.North)));
        var after = await channel.SubmitAsync(channel.North, Call("put", key, "the next block"));
        Assert.Equal(["in vain"], await DeliveredAsync(channel.As(channel.North), start, after.BlockNumber, key));
        await channel.EventuallyAsync(channel.North, "", Call("getPrivate", "southern", key) with { Organizations = [channel.North] });
    }

    private static TransactionRequest Put(string collection, string key, string value, params string[] organizations) =>
        Call("putPrivate", collection, key) with
        {
            Transient = new Dictionary<string, ReadOnlyMemory<byte>> { ["value"] = Encoding.UTF8.GetBytes(value) },
            Organizations = organizations,
        };

    private static int Rows(ReadOnlyMemory<byte> rows) => JsonNode.Parse(rows.Span)!["rows"]!.AsArray().Count;

    private static async Task<List<string>> DeliveredAsync(GatewayClient client, ulong start, ulong last, string key)
    {
        using var patience = new CancellationTokenSource(Patience);
        var found = new List<string>();
        await foreach (var block in client.PrivateBlocks.ReadAsync(start, last, patience.Token))
            found.AddRange(block.PrivateData.SelectMany(writes => writes.Writes).Where(write => write.Key == key).Select(write => write.Value.ToStringUtf8()));
        return found;
    }
}
