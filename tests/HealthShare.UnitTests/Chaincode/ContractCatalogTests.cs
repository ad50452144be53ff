using System.Reflection;
using HealthShare.Chaincode;
using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim.Testing;

namespace HealthShare.UnitTests.Chaincode;

public sealed class ContractCatalogTests
{
    [Fact]
    public void The_catalog_offers_exactly_the_transactions_that_callers_know_by_name()
    {
        var named = typeof(LedgerTransactions).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (string)field.GetRawConstantValue()!).Where(name => name.Contains(':', StringComparison.Ordinal));
        Assert.Equal(named.Order(StringComparer.Ordinal),
            ContractCatalog.CreateRouter(TimeProvider.System).Transactions.Select(transaction => transaction.Name));
    }

    [Fact]
    public async Task The_description_names_what_an_enumeration_takes()
    {
        var answer = await new InMemoryLedger().EvaluateAsync(
            ContractCatalog.CreateRouter(TimeProvider.System), TestIdentity.Create("NorthMSP"), "org.hyperledger.fabric:GetMetadata");
        Assert.True(answer.IsSuccess);
        Assert.Contains("""["paper","word"]""", System.Text.Encoding.UTF8.GetString(answer.Payload.Span), StringComparison.Ordinal);
    }
}
