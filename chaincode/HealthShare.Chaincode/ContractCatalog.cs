using HealthShare.Chaincode.Contracts;
using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;

namespace HealthShare.Chaincode;

/// <summary>The whole chaincode: what a host serves and a test calls.</summary>
public static class ContractCatalog
{
    /// <summary>Name of the chaincode in its definition.</summary>
    public const string ChaincodeName = "healthshare";

    /// <summary>Makes the chaincode.</summary>
    /// <param name="clock">The endorser's clock, against which proposal times are held.</param>
    public static ChaincodeRouter CreateRouter(TimeProvider clock) => new(
        [
            new OrganizationsContract(clock), new PatientsContract(clock), new RecordsContract(clock), new ConsentsContract(clock),
            new AccessContract(clock), new StaffContract(clock),
        ],
        LedgerJson.Default);
}
