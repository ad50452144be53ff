using HealthShare.Policy.Decisions;
using HealthShare.Policy.Statements;

namespace HealthShare.UnitTests.Policy;

public sealed class DecisionCostTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(10)]
    [InlineData(1000)]
    public void A_decision_allocates_nothing(int count)
    {
        var statements = Enumerable.Range(0, count).Select(i => new StatementInForce($"st-{i}", new GrantBody(
            i % 4 == 3 ? Effect.Deny : Effect.Permit,
            [new Provision
            {
                Who = [new WhoOrg(i % 2 == 0 ? "SouthMSP" : "EastMSP", "physician")], Purpose = ["TREAT"], Category = [DecisionCases.TokenOf($"t{i % 3}")],
                Except = [new Provision { Labels = [DecisionCases.TokenOf("t1")] }],
            }],
            new Period(Now, Now.AddDays(i + 1))))).ToArray();
        var record = new RecordFacts("rc-1", "NorthMSP", [DecisionCases.TokenOf("t0")], [], null, null, "N", Now);
        var requests = new[] { "SouthMSP", "EastMSP", "WestMSP" }.Select(org => new RequestFacts(org, true, "physician", "s1", "TREAT", Now)).ToArray();
        var permitted = Decide(); // compiled by now
        // What the runtime itself may put aside on this thread it does once; what a decision takes would show each time.
        var least = long.MaxValue;
        for (var i = 0; i < 5 && least > 0; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            permitted += Decide();
            least = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Assert.Equal(0, least);
        Assert.True(permitted > 0);

        int Decide()
        {
            var count = 0;
            for (var i = 0; i < 300; i++)
            {
                if (DecisionKernel.Decide(record, requests[i % 3], statements).Permitted)
                    count++;
            }
            return count;
        }
    }
}
