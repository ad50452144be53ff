using System.Security.Cryptography;
using System.Text;
using HealthShare.DevLedger;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;
using static HealthShare.UnitTests.DevLedger.ScriptNetwork;

namespace HealthShare.UnitTests.DevLedger;

/// <summary>Collections that a chaincode's definition names: who has values, who may ask for them, and for how long.</summary>
public sealed class CollectionTests : IAsyncLifetime
{
    private const string NorthAndSouth = "OR('NorthMSP.member', 'SouthMSP.member')";
    private static readonly IReadOnlyList<CollectionOptions> Collections =
    [
        new() { Name = "shared", Policy = NorthAndSouth },
        new() { Name = "closed", Policy = NorthAndSouth, MemberOnlyRead = true, MemberOnlyWrite = true },
        new() { Name = "southern", Policy = NorthAndSouth, EndorsementPolicy = new() { SignaturePolicy = "OR('SouthMSP.peer')" } },
        new() { Name = "majority", Policy = NorthAndSouth, EndorsementPolicy = new() { ChannelConfigPolicy = "/Channel/Application/Endorsement" } },
        new() { Name = "brief", Policy = NorthAndSouth, BlockToLive = 2 },
        new() { Name = "spread", Policy = NorthAndSouth, RequiredPeerCount = 2, MaxPeerCount = 3 },
    ];
    private IReadOnlyList<CollectionOptions>? wanted = Collections;
    private ScriptNetwork network = null!;

    private string ValuesFile => Path.Combine(network.Ledger.Host.LedgerDirectory, "private.dat");

    public async Task InitializeAsync() => network = await StartAsync(options => options with
    {
        Chaincodes = [.. options.Chaincodes.Select(chaincode => chaincode.Name == "script" ? chaincode with { Collections = wanted } : chaincode)],
        Batch = new BatchOptions { Timeout = TimeSpan.FromMilliseconds(5) },
    });

    public async Task DisposeAsync() => await network.DisposeAsync();

    [Fact]
    public async Task Values_are_with_the_members_and_hashes_with_everyone_also_after_a_restart()
    {
        await Submit("putp|shared|a|first", "putp|shared|b|second", "putp|shared|gone|x");
        await Submit("delp|shared|gone");
        await Check();
        await network.Ledger.RestartAsync();
        await Check();
        network.Verify();

        async Task Check()
        {
            foreach (var member in new[] { "NorthMSP", "SouthMSP" })
                Assert.Equal("first\na=first,b=second\n", await network.EvaluateAsync(At(member, "getp|shared|a", "rangep|shared||", "getp|shared|gone")));
            var elsewhere = await network.EvaluateAsync(At("EastMSP", "hash|shared|a", "rangep|shared||", "getp|shared|a"));
            var lines = elsewhere.Split('\n');
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("first"u8)), lines[0]);
            Assert.Equal("", lines[1]);
            Assert.Contains("private data matching public hash version is not available", lines[2], StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("getp|closed|k", "GET_STATE", "read")]
    [InlineData("rangep|closed|a|b", "GET_STATE_BY_RANGE", "read")]
    [InlineData("metap|closed|k", "GET_STATE_METADATA", "read")]
    [InlineData("queryp|closed|{}", "GET_QUERY_RESULT", "read")]
    [InlineData("putp|closed|k|v", "PUT_STATE", "write")]
    [InlineData("delp|closed|k", "DEL_STATE", "write")]
    [InlineData("purge|closed|k", "PURGE_PRIVATE_DATA", "write")]
    [InlineData("policyp|closed|k|OR('NorthMSP.peer')", "PUT_STATE_METADATA", "write")]
    public async Task Clients_of_others_are_refused_where_the_collection_says_so(string request, string message, string access)
    {
        var call = At("NorthMSP", request);
        var refusal = LedgerNetwork.Text(await network.Ledger.Client("EastMSP").EvaluateAsync(call));
        Assert.Matches($"^ERROR {message} failed: transaction ID: [0-9a-f]{{64}}: tx creator does not have {access} access permission on " +
            "privatedata in chaincodeName:script collectionName: closed$", refusal);
        Assert.DoesNotContain("permission", await network.EvaluateAsync(call), StringComparison.Ordinal);
        Assert.DoesNotContain("permission", LedgerNetwork.Text(await network.Ledger.Client("EastMSP").EvaluateAsync(At("NorthMSP", "hash|closed|k", "getp|shared|k"))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shared", "NorthMSP,SouthMSP", TxValidationCode.Valid)]
    [InlineData("shared", "NorthMSP", TxValidationCode.EndorsementPolicyFailure)]
    [InlineData("southern", "SouthMSP", TxValidationCode.Valid)]
    [InlineData("southern", "NorthMSP,EastMSP", TxValidationCode.EndorsementPolicyFailure)]
    [InlineData("majority", "NorthMSP,SouthMSP", TxValidationCode.EndorsementPolicyFailure)]
    [InlineData("majority", "NorthMSP,SouthMSP,EastMSP", TxValidationCode.Valid)]
    public async Task A_write_needs_the_collections_endorsements_or_else_the_chaincodes(string collection, string endorsers, TxValidationCode code) =>
        Assert.Equal(code, await network.SubmitAsync(Call($"putp|{collection}|k|v") with { Organizations = endorsers.Split(',') }));

    [Fact]
    public async Task The_gateway_finds_endorsers_and_keeps_transient_data_with_members()
    {
        var own = await network.Ledger.Client().EndorseAsync(Call("putp|southern|k|v"));
        Assert.Equal(["SouthMSP"], Tampering.Endorsers(own.Envelope));
        var members = await network.Ledger.Client().EndorseAsync(WithTransient(Call("putp|shared|k|v")));
        Assert.Equal(["NorthMSP", "SouthMSP"], Tampering.Endorsers(members.Envelope).Order());

        var refused = await Assert.ThrowsAsync<LedgerException>(
            () => network.Ledger.Client("EastMSP").EndorseAsync(WithTransient(Call("putp|majority|k|v"))));
        Assert.Equal(StatusCode.FailedPrecondition, refused.Status);
        Assert.Contains("not in the distribution policy of the private data collection(s): [majority]", refused.ToString(), StringComparison.Ordinal);

        static TransactionRequest WithTransient(TransactionRequest call) =>
            call with { Transient = new Dictionary<string, ReadOnlyMemory<byte>> { ["value"] = "secret"u8.ToArray() } };
    }

    [Fact]
    public async Task Too_few_other_members_peers_let_nothing_be_endorsed()
    {
        var call = At("NorthMSP", "putp|spread|k|v");
        foreach (var ask in new Func<Task>[] { () => network.Ledger.Client().EndorseAsync(call), () => network.Ledger.Client().EvaluateAsync(call) })
        {
            var refused = await Assert.ThrowsAsync<LedgerException>(ask);
            Assert.Matches("^error in simulation: failed to distribute private collection, txID [0-9a-f]{64}, channel trial: " +
                "could not build private data dissemination plan for chaincode script and collection spread: " +
                "required to disseminate to at least 2 peers, but know of only 1 eligible peers$", Assert.Single(refused.PeerErrors).Message);
        }
    }

    [Fact]
    public async Task Values_and_hashes_go_when_their_blocks_are_over_and_leave_the_disk()
    {
        await Submit("putp|brief|k|brief-secret", "putp|brief|renewed|old", "putp|shared|k|kept");
        var written = network.Ledger.Host.Height - 1;
        await Submit("put|a|1", "putp|brief|renewed|new");
        await Submit("put|a|2");
        Assert.Equal("brief-secret", await network.EvaluateAsync(At("NorthMSP", "getp|brief|k")));
        Assert.Contains(await Delivered("NorthMSP", "NorthMSP", written, "brief"), values => values.Contains("brief-secret", StringComparison.Ordinal));
        Assert.Contains("brief-secret", OnDisk(), StringComparison.Ordinal);

        await Submit("put|a|3");
        Assert.Equal("\n\nnew\nkept", await network.EvaluateAsync(At("NorthMSP", "getp|brief|k", "hash|brief|k", "getp|brief|renewed", "getp|shared|k")));
        Assert.Equal("", await network.EvaluateAsync(At("EastMSP", "hash|brief|k")));
        Assert.DoesNotContain(await Delivered("NorthMSP", "NorthMSP", written, "brief"), values => values.Contains("brief-secret", StringComparison.Ordinal));
        Assert.Single(await Delivered("NorthMSP", "NorthMSP", written, "shared"));
        await network.Ledger.RestartAsync();
        Assert.DoesNotContain("brief-secret", OnDisk(), StringComparison.Ordinal);
        Assert.Equal("\n\nnew\nkept", await network.EvaluateAsync(At("NorthMSP", "getp|brief|k", "hash|brief|k", "getp|brief|renewed", "getp|shared|k")));
        await Submit("put|a|4");
        Assert.Equal("", await network.EvaluateAsync(At("NorthMSP", "getp|brief|renewed")));
        await network.Ledger.RestartAsync();
        network.Verify();
    }

    [Fact]
    public async Task Every_hundred_blocks_values_whose_time_is_over_leave_the_disk_while_it_runs()
    {
        await Submit("putp|brief|k|brief-secret");
        var client = network.Ledger.Client();
        while (network.Ledger.Host.Height <= 100)
            await client.SubmitAsync(At("NorthMSP", $"putp|{OfNorth}|n|v"));
        Assert.DoesNotContain("brief-secret", OnDisk(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_peers_of_members_deliver_values_and_to_members_alone_where_the_collection_says_so()
    {
        await Submit("putp|shared|k|v", "putp|closed|k|v");
        var number = network.Ledger.Host.Height - 1;
        Assert.Single(await Delivered("SouthMSP", "NorthMSP", number, "shared"));
        Assert.Single(await Delivered("SouthMSP", "NorthMSP", number, "closed"));
        Assert.Single(await Delivered("SouthMSP", "EastMSP", number, "shared"));
        Assert.Empty(await Delivered("SouthMSP", "EastMSP", number, "closed"));
        Assert.Empty(await Delivered("EastMSP", "NorthMSP", number, "shared"));
    }

    [Fact]
    public async Task Values_of_a_transaction_that_fails_at_commit_are_kept_and_delivered_but_no_key_has_them()
    {
        string[] members = ["NorthMSP", "SouthMSP"];
        var number = network.Ledger.Host.Height;
        var codes = await network.RaceAsync(Call("putp|shared|k|won") with { Organizations = members },
            Call("getp|shared|k", "putp|shared|k|lost-race") with { Organizations = members });
        Assert.Equal([TxValidationCode.Valid, TxValidationCode.MvccReadConflict], codes);
        Assert.Equal(2, (await Delivered("NorthMSP", "NorthMSP", number, "shared")).Count);
        await network.Ledger.RestartAsync();
        Assert.Equal("won", await network.EvaluateAsync(At("NorthMSP", "getp|shared|k")));
        Assert.Equal(2, (await Delivered("NorthMSP", "NorthMSP", number, "shared")).Count);
        Assert.Empty(await Delivered("EastMSP", "EastMSP", number, "shared"));

        await Submit("purge|shared|k");
        Assert.DoesNotContain("lost-race", OnDisk(), StringComparison.Ordinal);
        await network.Ledger.RestartAsync();
        network.Verify();
    }

    [Fact]
    public async Task Definitions_keep_their_collections_and_may_gain_some()
    {
        await Submit("putp|shared|k|v");
        wanted = null;
        await network.Ledger.RestartAsync();
        Assert.Equal("v", await network.EvaluateAsync(At("NorthMSP", "getp|shared|k")));
        await RefusedAsync([.. Collections.Skip(1)], "existing collection [shared] missing in the proposed collection configuration");
        await RefusedAsync([], "does not contain previously defined collections");
        await RefusedAsync([.. Collections.Select(collection => collection.Name == "brief" ? collection with { BlockToLive = 3 } : collection)],
            "the BlockToLive in an existing collection [brief] modified. Existing value [2]");

        wanted = [.. Collections, new() { Name = "added", Policy = "OR('EastMSP.member')" }];
        await network.Ledger.RestartAsync();
        await Submit("putp|added|k|v");
        Assert.Equal("v", await network.EvaluateAsync(At("EastMSP", "getp|added|k")));
        Assert.Equal("v", await network.EvaluateAsync(At("NorthMSP", "getp|shared|k")));

        async Task RefusedAsync(IReadOnlyList<CollectionOptions> collections, string reason)
        {
            wanted = collections;
            var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => network.Ledger.RestartAsync());
            Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_disk_that_cannot_be_read_when_values_end_holds_the_block_up_and_no_longer()
    {
        await Submit("putp|brief|k|v");
        await Submit("put|a|1");
        await Submit("put|a|2");
        var (height, values) = (network.Ledger.Host.Height, File.ReadAllBytes(ValuesFile));
        Write([]);
        var held = Submit("put|a|3"); // with this block the values' time is over, and they are read for the last time
        while (network.Ledger.Host.Failure is null)
            await Task.Delay(5);
        Assert.IsAssignableFrom<IOException>(network.Ledger.Host.Failure);
        Assert.Equal(height, network.Ledger.Host.Height);
        Write(values);
        await held;
        Assert.Equal(height + 1, network.Ledger.Host.Height);
        Assert.Equal("\n3", await network.EvaluateAsync(At("NorthMSP", "getp|brief|k", "get|a")));
        await network.Ledger.RestartAsync();
        network.Verify();

        void Write(byte[] bytes)
        {
            using var file = new FileStream(ValuesFile, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            file.SetLength(0);
            file.Write(bytes);
        }
    }

    [Fact]
    public async Task A_name_that_no_definition_has_is_refused_as_by_a_peer()
    {
        Assert.EndsWith("collection trial/script/none could not be found", await network.EvaluateAsync("putp|none|k|v"), StringComparison.Ordinal);
        Assert.EndsWith("collection [none] not defined in the collection config for chaincode [script]", await network.EvaluateAsync("hash|none|k"), StringComparison.Ordinal);
        Assert.EndsWith("collection trial/other/shared could not be found", await network.EvaluateAsync("call|other|getp;shared;k"), StringComparison.Ordinal);
    }

    private async Task Submit(params string[] requests) => Assert.Equal(TxValidationCode.Valid, await network.SubmitAsync(
        Call(requests) with { Organizations = ["NorthMSP", "SouthMSP"] }));

    // Values of a collection from a block on, one text for each transaction, as one member's peer delivers them to another's client.
    private async Task<IReadOnlyList<string>> Delivered(string at, string reader, ulong first, string collection)
    {
        List<string> found = [];
        var last = network.Ledger.Host.Height - 1;
        await using var channel = network.Ledger.Dial(at);
        await using var call = await channel.DuplexAsync(FabricMethods.DeliverWithPrivateData);
        await call.WriteAsync(SeekRequests.Signed(network.Ledger.Identity(reader), SeekRequests.Blocks(first, last)));
        await foreach (var response in call.ReadAllAsync())
        {
            if (response.TypeCase is DeliverResponse.TypeOneofCase.Status)
                return found;
            found.AddRange(response.BlockAndPrivateData.PrivateDataMap.Values.SelectMany(values => values.NsPvtRwset)
                .SelectMany(ns => ns.CollectionPvtRwset).Where(set => set.CollectionName == collection).Select(set => set.Rwset.ToStringUtf8()));
        }
        throw new InvalidOperationException("The blocks ended without a status.");
    }

    private string OnDisk()
    {
        using var file = new FileStream(ValuesFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return Encoding.Latin1.GetString(bytes);
    }
}
