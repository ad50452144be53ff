using System.Data.Common;
using Dapper;

namespace HealthShare.Node.Keys;

internal static class SecretDeletion
{
    public static Task<int> DeleteAsync(DbTransaction transaction, string purpose, string id) =>
        transaction.Connection!.ExecuteAsync("DELETE FROM secret WHERE purpose = @purpose AND id = @id", new { purpose, id }, transaction);
}
