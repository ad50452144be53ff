using HealthShare.Chaincode.Ledger;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

public sealed class CallerRulesTests
{
    [Theory]
    [InlineData("hs.role", "node", null, null)]
    [InlineData("role", "node", null, null)]
    [InlineData("hf.EnrollmentID", "north-node", null, null)] // says nothing of a role
    [InlineData("hs.role", "node", "role", "physician")] // the project's own attribute decides
    public async Task A_nodes_certificate_or_one_that_says_nothing_may_call(string name, string value, string? other, string? otherValue)
    {
        using var scene = await WithMembersAsync();
        scene.CallersAttributes = other is null ? [(name, value)] : [(name, value), (other, otherValue!)];
        await scene.SubmitAsync(North, LedgerTransactions.EnrollPatient, new EnrollPatient(scene.PatientId), LedgerJson.Default.EnrollPatient);
    }

    [Theory]
    [InlineData("hs.role", "physician")]
    [InlineData("hs.role", "Node")]
    [InlineData("hs.role", "")]
    [InlineData("role", "auditor")]
    public async Task A_certificate_for_something_else_is_refused_even_a_query(string name, string value)
    {
        using var scene = await WithMembersAsync();
        scene.CallersAttributes = [(name, value)];
        await scene.RefusedAsync("caller.not_node", North, LedgerTransactions.EnrollPatient,
            new EnrollPatient(scene.PatientId), LedgerJson.Default.EnrollPatient);
        await scene.RefusedAsync("caller.not_node", North, LedgerTransactions.ListOrganizations, null);
    }
}
