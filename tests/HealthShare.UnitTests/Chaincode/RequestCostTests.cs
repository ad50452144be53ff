using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Statements;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

public sealed class RequestCostTests
{
    [Fact]
    public async Task A_request_of_a_hundred_records_reads_the_statements_once()
    {
        using var scene = await WithPatientAsync();
        var numbers = Enumerable.Range(1, 100).ToArray();
        await scene.SubmitAsync(North, LedgerTransactions.RegisterRecords,
            new RegisterRecords([.. numbers.Select(number => scene.Record(number))]), LedgerJson.Default.RegisterRecords);
        for (var i = 0; i < 10; i++)
            await scene.GrantAsync(StoryGrant);
        await scene.GrantAsync(StoryGrant with { Uses = 3, Scope = [new Provision { Who = [new WhoOrg(South)], Category = [Image] }] });

        var (one, single) = await scene.RunAsync(South, LedgerTransactions.RequestAccess, scene.Request(1), LedgerJson.Default.RequestAccess);
        var (all, stub) = await scene.RunAsync(South, LedgerTransactions.RequestAccess, scene.Request(numbers), LedgerJson.Default.RequestAccess);
        Assert.True(one.IsSuccess && all.IsSuccess, all.Message);
        Assert.Equal(100, Read(all.Payload.ToArray(), LedgerJson.Default.AccessEntry).Decisions.Count(decision => decision.Permitted));
        // A statement is parsed where it is read, and it is read by this one range.
        var statements = LedgerKey.Prefix(LedgerKind.Statement, scene.PatientId);
        Assert.Equal(11, Assert.Single(stub.Ranges, range => range.Start.StartsWith(statements, StringComparison.Ordinal)).Found.Count);
        Assert.Equal(single.Ranges.Count, stub.Ranges.Count);
        Assert.Equal(99, stub.Reads.Count - single.Reads.Count); // one more for each further record
    }
}
