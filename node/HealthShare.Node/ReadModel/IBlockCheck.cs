using HealthShare.Fabric.Protocol.Ledger;

namespace HealthShare.Node.ReadModel;

/// <summary>Looks at each block before the copy takes it over.</summary>
internal interface IBlockCheck
{
    /// <summary>Why the copy must not take the block over and stops; null where nothing is wrong with it.</summary>
    /// <exception cref="Fabric.Protocol.FabricDataException">A transaction that peers hold for valid cannot be read.</exception>
    Task<string?> FindFaultAsync(BlockView block, CancellationToken ct);
}
