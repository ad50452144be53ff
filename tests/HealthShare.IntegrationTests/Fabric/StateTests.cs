using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using HealthShare.Chaincode;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.IntegrationTests.Support;
using static HealthShare.IntegrationTests.Fabric.AssetChannel;

namespace HealthShare.IntegrationTests.Fabric;

/// <summary>What a chaincode can ask of the state: ranges, pages, history, private data, policies of keys, other chaincodes.</summary>
[Collection(AssetCollection.Name)]
public sealed class StateTests(AssetChannel channel)
{
    [AssetFact]
    public async Task A_range_comes_in_order_and_pages_together_give_it_whole()
    {
        const int count = 120; // more than a peer hands over at once
        var prefix = NewKey();
        var pairs = Enumerable.Range(0, count).SelectMany(i => new[] { $"{prefix}{i:D3}", $"{i}" }).ToArray();
        await channel.SubmitAsync(channel.North, Call("putMany", pairs));
        await channel.EventuallyAsync(channel.South, "119", Call("get", $"{prefix}119"));

        var whole = Keys(await channel.EvaluateAsync(channel.South, "range", prefix, $"{prefix}~"));
        Assert.Equal(Enumerable.Range(0, count).Select(i => $"{prefix}{i:D3}"), whole);

        var (paged, bookmark) = (new List<string>(), "");
        do
        {
            var page = JsonNode.Parse(await channel.EvaluateAsync(channel.South, "range", prefix, $"{prefix}~", "50", bookmark))!;
            var keys = Keys(page);
            Assert.Equal(keys.Length, page["fetched"]!.GetValue<int>());
            paged.AddRange(keys);
            bookmark = page["bookmark"]!.GetValue<string>();
        }
        while (bookmark.Length > 0);
        Assert.Equal(whole, paged);
    }

    [AssetFact]
    public async Task Composite_keys_are_found_by_their_beginning()
    {
        var type = NewKey();
        await channel.SubmitAsync(channel.North, Call("index", type, "a", "1"));
        await channel.SubmitAsync(channel.North, Call("index", type, "a", "2"));
        await channel.SubmitAsync(channel.North, Call("index", type, "b", "1"));
        Assert.Equal("""[["a","1"],["a","2"]]""", await channel.EvaluateAsync(channel.North, "list", type, "a"));
        Assert.Equal("""[["a","1"],["a","2"],["b","1"]]""", await channel.EvaluateAsync(channel.North, "list", type));
    }

    [AssetFact]
    public async Task The_history_of_a_key_names_each_change_newest_first()
    {
        var key = NewKey();
        var first = await channel.SubmitAsync(channel.North, Call("put", key, "1"));
        var second = await channel.SubmitAsync(channel.North, Call("put", key, "2"));
        var removed = await channel.SubmitAsync(channel.North, Call("del", key));
        var changes = JsonNode.Parse(await channel.EvaluateAsync(channel.North, "history", key))!.AsArray();
        Assert.Equal([removed.TransactionId, second.TransactionId, first.TransactionId], changes.Select(change => change!["txId"]!.GetValue<string>()));
        Assert.Equal([true, false, false], changes.Select(change => change!["deleted"]!.GetValue<bool>()));
        Assert.Equal(["", "2", "1"], changes.Select(change => change!["value"]!.GetValue<string>()));
    }

    [AssetFact]
    public async Task A_private_value_stays_with_its_organization_and_others_have_its_hash_until_it_is_gone()
    {
        var (key, value) = (NewKey(), "not for everybody");
        var collection = $"_implicit_org_{channel.North}";
        await channel.SubmitAsync(channel.North, Call("putPrivate", collection, key) with
        {
            Transient = new Dictionary<string, ReadOnlyMemory<byte>> { ["value"] = Encoding.UTF8.GetBytes(value) },
            Organizations = [channel.North],
        });

        var read = Call("getPrivate", collection, key);
        await channel.EventuallyAsync(channel.North, value, read with { Organizations = [channel.North] });
        // Its hash is everybody's; the value is with no peer of another member.
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)));
        var ask = Call("getPrivateHash", collection, key) with { Organizations = [channel.South] };
        await channel.EventuallyAsync(channel.South, hash, ask);
        var elsewhere = await Assert.ThrowsAsync<LedgerException>(
            () => channel.As(channel.South).EvaluateAsync(read with { Organizations = [channel.South] }));
        Assert.Equal(LedgerStage.Evaluate, elsewhere.Stage);
        Assert.DoesNotContain(value, elsewhere.ToString(), StringComparison.Ordinal);

        await channel.SubmitAsync(channel.North, Call("delPrivate", collection, key) with { Organizations = [channel.North] });
        await channel.EventuallyAsync(channel.North, "", read with { Organizations = [channel.North] });
        await channel.EventuallyAsync(channel.South, "", ask);
    }

    [AssetFact]
    public async Task A_purged_private_value_is_gone()
    {
        var key = NewKey();
        var collection = $"_implicit_org_{channel.North}";
        await channel.SubmitAsync(channel.North, Call("putPrivate", collection, key) with
        {
            Transient = new Dictionary<string, ReadOnlyMemory<byte>> { ["value"] = "to be purged"u8.ToArray() },
            Organizations = [channel.North],
        });
        await channel.SubmitAsync(channel.North, Call("purgePrivate", collection, key) with { Organizations = [channel.North] });
        await channel.EventuallyAsync(channel.North, "", Call("getPrivate", collection, key) with { Organizations = [channel.North] });
    }

    [AssetFact]
    public async Task A_write_to_anothers_private_collection_needs_that_organizations_endorsement()
    {
        var refused = await Assert.ThrowsAsync<LedgerException>(() => channel.SubmitAsync(
            channel.North, Call("putPrivate", $"_implicit_org_{channel.South}", NewKey()) with
            {
                Transient = new Dictionary<string, ReadOnlyMemory<byte>> { ["value"] = "pushed"u8.ToArray() },
                Organizations = [channel.North],
            }));
        Assert.Equal((LedgerStage.Commit, TxValidationCode.EndorsementPolicyFailure), (refused.Stage, refused.ValidationCode));
    }

    [AssetFact]
    public async Task A_keys_own_policy_takes_the_place_of_the_chaincodes()
    {
        var key = NewKey();
        await channel.SubmitAsync(channel.North, Call("put", key, "1"));
        await channel.SubmitAsync(channel.North, Call("setPolicy", key, "peer", channel.East));
        Assert.Equal($"""["{channel.East}"]""", await channel.EvaluateAsync(channel.North, "getPolicy", key));

        var without = await Assert.ThrowsAsync<LedgerException>(() => channel.SubmitAsync(
            channel.North, Call("put", key, "2") with { Organizations = [channel.North, channel.South] }));
        Assert.Equal(TxValidationCode.EndorsementPolicyFailure, without.ValidationCode);
        await channel.SubmitAsync(channel.North, Call("put", key, "3") with { Organizations = [channel.East] });
        Assert.Equal("3", await channel.EvaluateAsync(channel.North, "get", key));
    }

    [AssetFact]
    public async Task A_chaincode_calls_another_one_and_not_itself()
    {
        var listed = await channel.EvaluateAsync(
            channel.North, "call", ContractCatalog.ChaincodeName, "", LedgerTransactions.ListOrganizations);
        Assert.NotNull(JsonNode.Parse(listed)!["organizations"]);
        var refused = await Assert.ThrowsAsync<LedgerException>(() => channel.EvaluateAsync(
            channel.North, "call", ContractCatalog.ChaincodeName, "", LedgerTransactions.GetOrganization, "nobody"));
        Assert.Equal("asset.call_refused", refused.Code);
        Assert.Contains("organization.not_found", refused.Message, StringComparison.Ordinal);

        var key = NewKey();
        var itself = await Assert.ThrowsAsync<LedgerException>(
            () => channel.SubmitAsync(channel.North, Call("call", AssetName, "", "put", key, "by itself")));
        Assert.Equal(LedgerStage.Endorse, itself.Stage);
        Assert.Empty(await channel.HistoryAsync(channel.North, key));
    }

    private static string[] Keys(string rows) => Keys(JsonNode.Parse(rows)!);

    private static string[] Keys(JsonNode rows) => [.. rows["rows"]!.AsArray().Select(row => row!["key"]!.GetValue<string>())];
}
