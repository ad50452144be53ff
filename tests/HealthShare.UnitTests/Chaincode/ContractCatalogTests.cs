using System.Reflection;
using HealthShare.Chaincode;
using HealthShare.Chaincode.Ledger;

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
}
