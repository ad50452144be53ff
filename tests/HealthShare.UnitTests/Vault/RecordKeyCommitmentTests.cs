using System.Security.Cryptography;
using System.Text;
using HealthShare.Vault.Records;

namespace HealthShare.UnitTests.Vault;

public sealed class RecordKeyCommitmentTests
{
    private readonly byte[] salt = RecordKeyCommitment.CreateSalt();
    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);

    [Fact]
    public void It_is_the_hash_of_label_salt_and_key() => Assert.Equal(
        SHA256.HashData([.. Encoding.ASCII.GetBytes("healthshare-record-key-v1\n"), .. salt, .. key]), RecordKeyCommitment.Compute(salt, key));

    [Fact]
    public void It_matches_its_own_salt_and_key_only()
    {
        var commitment = RecordKeyCommitment.Compute(salt, key);
        Assert.True(RecordKeyCommitment.Matches(commitment, salt, key));
        Assert.False(RecordKeyCommitment.Matches(commitment, RecordKeyCommitment.CreateSalt(), key));
        Assert.False(RecordKeyCommitment.Matches(commitment, salt, RandomNumberGenerator.GetBytes(32)));
        Assert.False(RecordKeyCommitment.Matches(commitment.AsSpan(0, 31), salt, key));
        // Bytes moved from the salt to the key would hash the same; the lengths are fixed so that they cannot.
        Assert.False(RecordKeyCommitment.Matches(commitment, salt.AsSpan(0, 15), [salt[15], .. key]));
    }
}
