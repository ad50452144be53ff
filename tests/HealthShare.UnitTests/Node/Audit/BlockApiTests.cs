using System.Net;
using System.Text.Json;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Node.Audit.Blocks;
using HealthShare.Node.Auth;
using HealthShare.Node.Database;
using HealthShare.Node.ReadModel;
using HealthShare.Node.Receipts;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.UnitTests.Node.Audit;

public sealed class BlockApiTests
{
    private const string Path = "/api/v1/ledger/blocks";

    private static readonly DateTimeOffset Eight = DateTimeOffset.Parse("2026-03-01T08:00:00Z", System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public async Task A_regulator_sees_the_newest_blocks_first_page_by_page()
    {
        var chain = new TestChain();
        await using var node = await NodeHost.StartAsync();
        var blocks = Enumerable.Range(0, 5).Select(number => chain.Block(
            [.. Enumerable.Range(0, number + 1).Select(_ => new TestTransaction(("k", "1")) { ProposedAt = Eight.AddMinutes(number), Namespace = "another" })])).ToList();
        foreach (var block in blocks)
            node.Ledger.Add(block);
        await node.App.Services.GetRequiredService<IReadModel>().WaitForAsync(4, default);

        using var auditor = node.Client(Role.Auditor);
        var page = await auditor.GetOkAsync($"{Path}?limit=3");
        Assert.Equal([4, 3, 2], Numbers(page));
        var newest = page.GetProperty("items")[0];
        Assert.Equal(Eight.AddMinutes(4), newest.GetProperty("at").GetDateTimeOffset());
        Assert.Equal(5, newest.GetProperty("transactions").GetInt32());
        Assert.Equal(Convert.ToHexStringLower(BlockHashes.HeaderHash(blocks[4].Header).Span), newest.GetProperty("headerHash").GetString());
        Assert.Equal(page.GetProperty("items")[1].GetProperty("headerHash").GetString(), newest.GetProperty("previousHash").GetString());

        var rest = await auditor.GetOkAsync($"{Path}?limit=3&cursor={page.GetProperty("next").GetString()}");
        Assert.Equal([1, 0], Numbers(rest));
        Assert.False(rest.TryGetProperty("next", out _));

        // A list may begin with a block that something else names.
        page = await auditor.GetOkAsync($"{Path}?limit=2&newest=3");
        Assert.Equal([3, 2], Numbers(page));
        Assert.Equal([1, 0], Numbers(await auditor.GetOkAsync($"{Path}?limit=2&newest=3&cursor={page.GetProperty("next").GetString()}")));
        Assert.Equal([4], Numbers(await auditor.GetOkAsync($"{Path}?limit=1&newest={long.MaxValue}")));
    }

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task A_block_has_the_latest_time_of_its_valid_transactions_and_counts_the_others(DatabaseProvider provider)
    {
        await using var test = await TestDatabase.CreateAsync(provider);
        var (table, chain) = (new BlockTable(test.Instance), new TestChain());
        Assert.Empty((await table.ListAsync(null, null, 10, default)).Items);
        var writer = new ReplicaWriter(test.Instance, [new BlockIndex(test.Instance)]);
        await ApplyAsync(new TestTransaction(("k", "1")));
        await ApplyAsync(
            new TestTransaction(("k", "1")) { ProposedAt = Eight.AddMinutes(1) }, new TestTransaction(("k", "2")) { ProposedAt = Eight },
            new TestTransaction(("k", "3")) { ProposedAt = Eight.AddYears(900), Code = TxValidationCode.MvccReadConflict });
        await ApplyAsync(new TestTransaction(("k", "1")) { Seconds = long.MaxValue }); // a number that makes no time

        var page = await table.ListAsync(null, null, 10, default);
        Assert.Equal(
            [(2, null, 1, 1), (1, Eight.AddMinutes(1), 3, 2), (0, null, 1, 1)],
            page.Items.Select(block => (block.Number, block.At, block.Transactions, block.Valid)));
        Assert.Null(page.Next);

        Task ApplyAsync(params TestTransaction[] transactions)
        {
            var block = new BlockView(chain.Block(transactions));
            return writer.ApplyAsync(new BlockChanges(block.Number, DateTimeOffset.UnixEpoch, []) { Facts = BlockReader.FactsOf(block) },
                block.Hash.ToByteArray(), default);
        }
    }

    [Fact]
    public async Task Whoever_may_not_sees_no_block_and_what_is_no_page_is_refused()
    {
        await using var node = await NodeHost.StartAsync();
        foreach (var role in (Role[])[Role.Patient, Role.Delegate, Role.Physician, Role.Registrar, Role.System])
        {
            using var other = node.Client(role);
            Assert.Equal(HttpStatusCode.Forbidden, (await other.GetAsync(Path)).StatusCode);
        }
        using var administrator = node.Client(Role.ItAdministrator);
        Assert.Empty(Numbers(await administrator.GetOkAsync(Path)));
        foreach (var query in (string[])["?limit=0", "?limit=101", "?cursor=%3D", "?cursor=AAAA", "?newest=-1", "?newest=last"])
            Assert.Equal(HttpStatusCode.BadRequest, (await administrator.GetAsync(Path + query)).StatusCode);
    }

    private static IEnumerable<int> Numbers(JsonElement page) =>
        page.GetProperty("items").EnumerateArray().Select(block => block.GetProperty("number").GetInt32());
}
