"""Check-in plans (打卡营): on which days who takes part checks in, with which evidence, and how far they are."""
